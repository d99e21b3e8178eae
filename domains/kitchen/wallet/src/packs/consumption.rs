//! Which packs an order's meals come from, and where they return to: oldest purchase first, of the
//! ordered size (docs/product.md, section 2).

use std::collections::BTreeMap;

use bk_kernel::PackId;
use bk_kitchen_core::{MealCount, MealSize};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::pack::{Pack, PackStatus};

/// Meals taken from, or returned to, one pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MealReservation {
    /// The pack of the meal reservation.
    pub pack_id: PackId,
    /// Meals, more than zero.
    pub meals: i32,
}

/// The packs hold too few meals of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the order needs {needed} meals of {size} and {available} are left")]
pub struct NotEnoughMeals {
    /// The size that is short.
    pub size: MealSize,
    /// Meals ordered.
    pub needed: i32,
    /// Meals in active packs of that size.
    pub available: i32,
}

/// Meals available per size in active packs.
#[must_use]
pub fn available(packs: &[Pack]) -> MealCount {
    packs
        .iter()
        .filter(|pack| pack.status == PackStatus::Active)
        .fold(MealCount::default(), |count, pack| count.add(pack.size, pack.meals_remaining))
}

/// Takes `needed` meals from the packs, whatever order they are listed in: the oldest purchase first,
/// the lower id first among purchases of one instant. All or nothing.
pub fn plan_consumption(
    packs: &[Pack],
    needed: MealCount,
) -> Result<Vec<MealReservation>, NotEnoughMeals> {
    let mut usable: Vec<&Pack> = packs
        .iter()
        .filter(|pack| pack.status == PackStatus::Active && pack.meals_remaining > 0)
        .collect();
    usable.sort_by_key(|pack| (pack.purchased_at, pack.id));
    let available = available(packs);
    let mut takes = Vec::new();
    for size in MealSize::ALL {
        let needed = needed.of(size);
        if needed > available.of(size) {
            return Err(NotEnoughMeals { size, needed, available: available.of(size) });
        }
        let mut open = needed.max(0);
        for pack in usable.iter().filter(|pack| pack.size == size) {
            let meals = pack.meals_remaining.min(open);
            if meals == 0 {
                break;
            }
            takes.push(MealReservation { pack_id: pack.id, meals });
            open -= meals;
        }
    }
    Ok(takes)
}

/// What a cancelled order gives restored: all it consumed from each pack less what was restored already,
/// by pack id. Restoring twice therefore restores nothing the second time.
#[must_use]
pub fn plan_restore(
    consumed: &[MealReservation],
    restored: &[MealReservation],
) -> Vec<MealReservation> {
    let mut open: BTreeMap<PackId, i32> = BTreeMap::new();
    for reservation in consumed {
        let meals = open.entry(reservation.pack_id).or_insert(0);
        *meals = meals.saturating_add(reservation.meals);
    }
    for reservation in restored {
        let meals = open.entry(reservation.pack_id).or_insert(0);
        *meals = meals.saturating_sub(reservation.meals);
    }
    open.into_iter()
        .filter(|(_, meals)| *meals > 0)
        .map(|(pack_id, meals)| MealReservation { pack_id, meals })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::packs::pack::PackChange;

    fn pack(size: MealSize, meals: i32, day: i64) -> Pack {
        let start: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
        Pack::purchased(PackId::new(), size, meals, start + TimeDelta::days(day)).unwrap().0
    }

    fn g300(meals: i32) -> MealCount {
        MealCount { g300: meals, g400: 0 }
    }

    #[test]
    fn packs_of_three_and_ten_give_seven_as_three_and_four_and_get_exactly_those_back() {
        let (older, newer) = (pack(MealSize::G300, 3, 0), pack(MealSize::G300, 10, 1));
        let takes = plan_consumption(&[newer, older], g300(7)).unwrap();
        let expected = [
            MealReservation { pack_id: older.id, meals: 3 },
            MealReservation { pack_id: newer.id, meals: 4 },
        ];
        assert_eq!(takes, expected);
        let mut restored = plan_restore(&takes, &[]);
        restored.sort_by_key(|reservation| reservation.meals);
        assert_eq!(restored, expected);
        assert_eq!(plan_restore(&takes, &restored), []);
    }

    #[test]
    fn meals_of_another_size_do_not_help() {
        let packs = [pack(MealSize::G400, 80, 0), pack(MealSize::G300, 2, 1)];
        let error = NotEnoughMeals { size: MealSize::G300, needed: 3, available: 2 };
        assert_eq!(plan_consumption(&packs, g300(3)), Err(error));
        assert_eq!(error.to_string(), "the order needs 3 meals of 300 g and 2 are left");
    }

    #[test]
    fn cancelled_and_empty_packs_give_nothing() {
        let bought = pack(MealSize::G300, 10, 0);
        let cancelled = Pack { status: PackStatus::Cancelled, ..bought };
        let empty = pack(MealSize::G300, 10, 1).apply(PackChange::Consume(10)).unwrap().0;
        let live = pack(MealSize::G300, 1, 2);
        let takes = plan_consumption(&[cancelled, empty, live], g300(1)).unwrap();
        assert_eq!(takes, [MealReservation { pack_id: live.id, meals: 1 }]);
    }

    fn any_packs() -> impl Strategy<Value = Vec<Pack>> {
        let one = (any::<bool>(), 1i32..=80, 0i64..5).prop_map(|(big, meals, day)| {
            pack(if big { MealSize::G400 } else { MealSize::G300 }, meals, day)
        });
        proptest::collection::vec(one, 0..8)
    }

    proptest! {
        #[test]
        fn consuming_is_exact_oldest_first_and_restoring_undoes_it(packs in any_packs(), n3 in 0i32..200, n4 in 0i32..200) {
            let needed = MealCount { g300: n3, g400: n4 };
            let mut reversed = packs.clone();
            reversed.reverse();
            let plan = plan_consumption(&packs, needed);
            prop_assert_eq!(&plan, &plan_consumption(&reversed, needed));
            let Ok(takes) = plan else {
                let have = available(&packs);
                prop_assert!(n3 > have.g300 || n4 > have.g400);
                return Ok(());
            };
            prop_assert_eq!(takes.iter().map(|reservation| reservation.meals).sum::<i32>(), needed.total());
            let restored = plan_restore(&takes, &[]);
            for pack in &packs {
                let of = |list: &[MealReservation]| list.iter().find(|t| t.pack_id == pack.id).map_or(0, |t| t.meals);
                let (taken, returned) = (of(&takes), of(&restored));
                prop_assert_eq!(taken, returned);
                if taken == 0 { continue }
                let used = pack.apply(PackChange::Consume(taken)).unwrap().0;
                prop_assert_eq!(used.apply(PackChange::Restore(returned)).unwrap().0, *pack);
                // An older pack of the size is empty before a newer one is touched.
                for older in packs.iter().filter(|p| p.size == pack.size && (p.purchased_at, p.id) < (pack.purchased_at, pack.id)) {
                    prop_assert_eq!(of(&takes), taken);
                    prop_assert_eq!(takes.iter().find(|t| t.pack_id == older.id).map(|t| t.meals), Some(older.meals_remaining));
                }
            }
        }
    }
}
