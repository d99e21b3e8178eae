//! One pack: its state machine and the append-only events that explain every change.

use bk_kernel::PackId;
use bk_kitchen_core::MealSize;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

bk_kernel::string_enum! {
    /// Whether meals can leave a pack.
    pub enum PackStatus: "a pack status" {
        /// Has meals.
        Active = "ACTIVE",
        /// Has none; a restored or added meal makes it active again.
        Exhausted = "EXHAUSTED",
        /// Refunded. Final.
        Cancelled = "CANCELLED",
    }
}

bk_kernel::string_enum! {
    /// The kinds of pack event.
    pub enum PackEventKind: "a pack event" {
        /// A paid purchase created the pack: plus its meals.
        Purchased = "PURCHASED",
        /// An order took meals: minus.
        Consumed = "CONSUMED",
        /// A cancelled order gave them restored: plus.
        Restored = "RESTORED",
        /// Meals became unlocked credits: minus.
        Unlocked = "UNLOCKED",
        /// Staff corrected the count: plus or minus.
        Adjusted = "ADJUSTED",
        /// The unused meals left with a refund: minus.
        Refunded = "REFUNDED",
        /// The last meal left: zero.
        Exhausted = "EXHAUSTED",
    }
}

/// One append-only event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackEvent {
    /// What happened.
    pub kind: PackEventKind,
    /// Meals added (plus) or taken (minus).
    pub delta: i32,
    /// What the pack holds after it.
    pub meals_remaining: i32,
}

/// What may be done to a pack. Counts are meals and more than zero; an adjustment may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackChange {
    /// An order takes meals.
    Consume(i32),
    /// A cancelled order gives meals restored.
    Restore(i32),
    /// Staff correct the count by this much.
    Adjust(i32),
}

/// Why a change was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackError {
    /// The state does not allow it.
    #[error("the pack is {status}")]
    State {
        /// The state it was in.
        status: PackStatus,
    },
    /// More meals than the pack holds.
    #[error("the pack has {remaining} meals left")]
    NotEnough {
        /// What it holds.
        remaining: i32,
    },
    /// A count of zero or below, or an adjustment by nothing.
    #[error("the number of meals is not valid here")]
    Meals,
}

/// A pack of meals of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// The id of the pack.
    pub id: PackId,
    /// The size of its meals.
    pub size: MealSize,
    /// Meals bought.
    pub meals_total: i32,
    /// Meals left, never below zero.
    pub meals_remaining: i32,
    /// Whether meals can leave it.
    pub status: PackStatus,
    /// When it was bought; meals leave the oldest first.
    pub purchased_at: DateTime<Utc>,
}

impl Pack {
    /// A new pack and its first event.
    pub fn purchased(
        id: PackId,
        size: MealSize,
        meals: i32,
        purchased_at: DateTime<Utc>,
    ) -> Result<(Self, PackEvent), PackError> {
        if meals <= 0 {
            return Err(PackError::Meals);
        }
        let pack = Self {
            id,
            size,
            meals_total: meals,
            meals_remaining: meals,
            status: PackStatus::Active,
            purchased_at,
        };
        let event =
            PackEvent { kind: PackEventKind::Purchased, delta: meals, meals_remaining: meals };
        Ok((pack, event))
    }

    /// The pack after a change, with the events to append: the change's own, and `EXHAUSTED` when the
    /// last meal left.
    pub fn apply(self, change: PackChange) -> Result<(Self, Vec<PackEvent>), PackError> {
        use PackStatus::{Active, Cancelled, Exhausted};
        let refused = Err(PackError::State { status: self.status });
        match (self.status, change) {
            (Active, PackChange::Consume(meals)) => {
                self.reserve_meals(PackEventKind::Consumed, meals)
            }
            (Active | Exhausted, PackChange::Restore(meals)) => {
                self.put(PackEventKind::Restored, meals)
            }
            (Active | Exhausted, PackChange::Adjust(meals)) if meals > 0 => {
                self.put(PackEventKind::Adjusted, meals)
            }
            (Active | Exhausted, PackChange::Adjust(meals)) => {
                let taken = meals.checked_neg().ok_or(PackError::Meals)?;
                self.reserve_meals(PackEventKind::Adjusted, taken)
            }
            // An empty pack with nothing to take from and a cancelled one: name the state.
            (Exhausted, PackChange::Consume(_)) | (Cancelled, _) => refused,
        }
    }

    fn reserve_meals(
        self,
        kind: PackEventKind,
        meals: i32,
    ) -> Result<(Self, Vec<PackEvent>), PackError> {
        if meals <= 0 {
            return Err(PackError::Meals);
        }
        if meals > self.meals_remaining {
            return Err(PackError::NotEnough { remaining: self.meals_remaining });
        }
        let meals_remaining = self.meals_remaining - meals;
        let mut events = vec![PackEvent { kind, delta: -meals, meals_remaining }];
        let mut status = self.status;
        if meals_remaining == 0 {
            status = PackStatus::Exhausted;
            events.push(PackEvent { kind: PackEventKind::Exhausted, delta: 0, meals_remaining: 0 });
        }
        Ok((Self { meals_remaining, status, ..self }, events))
    }

    fn put(self, kind: PackEventKind, meals: i32) -> Result<(Self, Vec<PackEvent>), PackError> {
        if meals <= 0 {
            return Err(PackError::Meals);
        }
        let meals_remaining = self.meals_remaining.checked_add(meals).ok_or(PackError::Meals)?;
        let event = PackEvent { kind, delta: meals, meals_remaining };
        Ok((Self { meals_remaining, status: PackStatus::Active, ..self }, vec![event]))
    }
}

/// A pack with the title it was bought under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitledPack {
    /// The title of the product at the time.
    pub title: String,
    /// The pack of the titled pack.
    pub pack: Pack,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pack(meals: i32) -> Pack {
        let at = "2026-11-27T02:00:00Z".parse().unwrap();
        Pack::purchased(PackId::new(), MealSize::G300, meals, at).unwrap().0
    }

    fn apply(pack: Pack, change: PackChange) -> Pack {
        pack.apply(change).unwrap().0
    }

    #[test]
    fn the_last_meal_exhausts_a_pack_and_a_restored_one_makes_it_active_again() {
        let (empty, events) = pack(10).apply(PackChange::Consume(10)).unwrap();
        assert_eq!(empty.status, PackStatus::Exhausted);
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [PackEventKind::Consumed, PackEventKind::Exhausted]);
        let again = apply(empty, PackChange::Restore(1));
        assert_eq!((again.status, again.meals_remaining), (PackStatus::Active, 1));
    }

    #[test]
    fn a_pack_gives_no_more_than_it_holds() {
        let error = pack(3).apply(PackChange::Consume(4));
        assert_eq!(error, Err(PackError::NotEnough { remaining: 3 }));
        let error = pack(3).apply(PackChange::Adjust(-4));
        assert_eq!(error, Err(PackError::NotEnough { remaining: 3 }));
        assert_eq!(pack(3).apply(PackChange::Adjust(0)), Err(PackError::Meals));
        assert_eq!(pack(3).apply(PackChange::Consume(-1)), Err(PackError::Meals));
    }

    #[test]
    fn nothing_happens_to_a_cancelled_pack() {
        let cancelled = Pack { status: PackStatus::Cancelled, meals_remaining: 0, ..pack(10) };
        for change in [PackChange::Consume(1), PackChange::Restore(1), PackChange::Adjust(1)] {
            let refused = Err(PackError::State { status: PackStatus::Cancelled });
            assert_eq!(cancelled.apply(change), refused);
        }
    }

    fn any_change() -> impl Strategy<Value = PackChange> {
        prop_oneof![
            6 => any::<i8>().prop_map(|n| PackChange::Consume(n.into())),
            4 => any::<i8>().prop_map(|n| PackChange::Restore(n.into())),
            3 => any::<i32>().prop_map(PackChange::Adjust),
        ]
    }

    proptest! {
        #[test]
        fn the_sum_of_deltas_is_what_remains_and_never_negative(
            meals in 10i32..=80,
            changes in proptest::collection::vec(any_change(), 0..40),
        ) {
            let at = "2026-11-27T02:00:00Z".parse().unwrap();
            let (mut pack, first) =
                Pack::purchased(PackId::new(), MealSize::G400, meals, at).unwrap();
            let mut sum = i64::from(first.delta);
            for change in changes {
                let Ok((next, events)) = pack.apply(change) else { continue };
                for event in events {
                    sum += i64::from(event.delta);
                    prop_assert_eq!(i64::from(event.meals_remaining), sum);
                }
                prop_assert_eq!(i64::from(next.meals_remaining), sum);
                prop_assert!(next.meals_remaining >= 0);
                prop_assert_eq!(next.status == PackStatus::Active, next.meals_remaining > 0);
                pack = next;
            }
        }
    }
}
