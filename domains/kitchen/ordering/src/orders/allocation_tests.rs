use proptest::prelude::*;

use super::*;
use crate::orders::lines::LineRequest;

fn side(kind: SideKind, tier: Tier, name: &str) -> Side {
    Side { id: ComponentId::new(), name: name.to_owned(), kind, tier }
}

struct Kitchen {
    peas: Side,
    truffle: Side,
    rice: Side,
    available: AvailableSides,
}

fn kitchen(tier: Tier) -> Kitchen {
    let peas = side(SideKind::Vegetable, Tier::Base, "Peas");
    let truffle = side(SideKind::Vegetable, Tier::High, "Truffle");
    let rice = side(SideKind::Carbohydrate, Tier::Base, "Rice");
    let available = AvailableSides {
        sides: [&peas, &truffle, &rice].map(|c| (c.id, c.clone())).into(),
        stand_ins: BTreeMap::from([
            (SideKind::Vegetable, peas.id),
            (SideKind::Carbohydrate, rice.id),
        ]),
        tier,
        blocked: BTreeSet::new(),
    };
    Kitchen { peas, truffle, rice, available }
}

fn layout(position: u16, percent: i32, vegetable: &Side, carbohydrate: &Side) -> Layout {
    Layout {
        position,
        vegetables: BTreeSet::from([vegetable.id]),
        carbohydrates: BTreeSet::from([carbohydrate.id]),
        percent,
    }
}

fn lines(quantities: &[i32]) -> OrderLines {
    let requests: Vec<_> = quantities
        .iter()
        .map(|quantity| LineRequest {
            dish_id: DishId::new(),
            size: MealSize::G300,
            quantity: *quantity,
        })
        .collect();
    OrderLines::new(&requests).unwrap()
}

fn all_dishes(lines: &OrderLines) -> BTreeSet<DishId> {
    lines.iter().map(|line| line.dish_id).collect()
}

#[test]
fn largest_remainders_get_the_meals_left_over_and_ties_go_to_the_earlier_layout() {
    for (meals, shares, result) in [
        (6, &[50, 50][..], &[3, 3][..]),
        (10, &[40, 35, 25], &[4, 4, 2]),
        (7, &[50, 30, 20], &[4, 2, 1]),
        (3, &[25, 25, 25, 25], &[1, 1, 1, 0]),
        (1, &[50, 50], &[1, 0]),
        (0, &[50, 50], &[0, 0]),
        (5, &[0, 100], &[0, 5]),
    ] {
        assert_eq!(largest_remainder(meals, &Shares::new(shares).unwrap()), result, "{meals}");
    }
}

#[test]
fn layouts_are_distributed_in_line_order_then_layout_order() {
    let k = kitchen(Tier::High);
    let preset =
        Preset::new(vec![layout(0, 50, &k.peas, &k.rice), layout(1, 50, &k.truffle, &k.rice)])
            .unwrap();
    let lines = lines(&[4, 2]);
    let allocation = allocate(&lines, &all_dishes(&lines), &preset, &k.available).unwrap();
    let portions: Vec<Vec<_>> = allocation
        .lines
        .iter()
        .map(|line| line.portions.iter().map(|p| (p.layout, p.meals)).collect())
        .collect();
    assert_eq!(portions, [vec![(Some(0), 3), (Some(1), 1)], vec![(Some(1), 2)]]);
    assert!(allocation.replacements.is_empty());
}

#[test]
fn a_dish_with_a_fixed_side_takes_no_layout() {
    let k = kitchen(Tier::High);
    let preset = Preset::new(vec![layout(0, 100, &k.peas, &k.rice)]).unwrap();
    let lines = lines(&[4, 2]);
    let second = BTreeSet::from([lines.iter().nth(1).unwrap().dish_id]);
    let allocation = allocate(&lines, &second, &preset, &k.available).unwrap();
    assert_eq!(allocation.lines[0].portions[0].layout, None);
    assert_eq!(allocation.lines[1].portions[0].layout, Some(0));
    assert_eq!(allocation.meals(), 6);
}

#[test]
fn a_side_above_the_tier_becomes_the_stand_in_and_is_noted() {
    let k = kitchen(Tier::Mid);
    let preset = Preset::new(vec![layout(3, 100, &k.truffle, &k.rice)]).unwrap();
    let lines = lines(&[2]);
    let allocation = allocate(&lines, &all_dishes(&lines), &preset, &k.available).unwrap();
    assert_eq!(allocation.lines[0].portions[0].sides.vegetables, BTreeSet::from([k.peas.id]));
    let note = Replacement {
        layout: 3,
        kind: SideKind::Vegetable,
        side_id: k.truffle.id,
        replaced_by: k.peas.id,
    };
    assert_eq!(allocation.replacements, [note]);
}

#[test]
fn a_blocked_side_fails_the_allocation_and_is_named_even_as_a_replacement() {
    let mut k = kitchen(Tier::Base);
    k.available.blocked.insert(k.peas.id);
    let lines = lines(&[2]);
    for vegetable in [&k.peas, &k.truffle] {
        let preset = Preset::new(vec![layout(0, 100, vegetable, &k.rice)]).unwrap();
        let error = allocate(&lines, &all_dishes(&lines), &preset, &k.available).unwrap_err();
        assert_eq!(error.to_string(), "Peas is excluded by a preference of this account");
    }
}

#[test]
fn a_side_that_is_not_served_blocks_nothing() {
    let mut k = kitchen(Tier::High);
    k.available.blocked.insert(k.truffle.id);
    let preset =
        Preset::new(vec![layout(0, 90, &k.peas, &k.rice), layout(1, 10, &k.truffle, &k.rice)])
            .unwrap();
    let few = lines(&[2]);
    assert!(allocate(&few, &all_dishes(&few), &preset, &k.available).is_ok());
    let many = lines(&[10]);
    assert!(allocate(&many, &all_dishes(&many), &preset, &k.available).is_err());
}

#[test]
fn a_kind_without_a_stand_in_cannot_replace() {
    let mut k = kitchen(Tier::Base);
    k.available.stand_ins.clear();
    let preset = Preset::new(vec![layout(0, 100, &k.truffle, &k.rice)]).unwrap();
    let lines = lines(&[1]);
    let error = allocate(&lines, &all_dishes(&lines), &preset, &k.available);
    assert_eq!(error, Err(AllocationError::NoStandIn { kind: SideKind::Vegetable }));
    let swapped = Preset::new(vec![layout(0, 100, &k.rice, &k.peas)]).unwrap();
    let error = allocate(&lines, &all_dishes(&lines), &swapped, &k.available);
    assert!(matches!(error, Err(AllocationError::WrongKind { .. })));
}

/// Percentages cut from 0 to 100 at sorted points: they always sum to 100.
fn any_shares() -> impl Strategy<Value = Vec<i32>> {
    proptest::collection::vec(0i32..=100, 0..8).prop_map(|mut cuts| {
        cuts.push(100);
        cuts.sort_unstable();
        let mut previous = 0;
        cuts.into_iter()
            .map(|cut| {
                let share = cut - previous;
                previous = cut;
                share
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn counts_sum_to_the_meals_and_stay_within_one_of_their_quota(meals in 0i32..=3_000, shares in any_shares()) {
        let counts = largest_remainder(meals, &Shares::new(&shares).unwrap());
        prop_assert_eq!(counts.iter().sum::<i32>(), meals);
        for (count, share) in counts.iter().zip(&shares) {
            prop_assert!((count * 100 - meals * share).abs() < 100);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing_and_no_meal_is_lost(
        quantities in proptest::collection::vec(1i32..=50, 1..20),
        shares in any_shares(),
        fixed in 0usize..20,
    ) {
        let k = kitchen(Tier::Base);
        let layouts: Vec<_> = (0u16..).zip(&shares).map(|(i, s)| layout(i, *s, &k.truffle, &k.rice)).collect();
        let mut shuffled = layouts.clone();
        shuffled.reverse();
        let lines = lines(&quantities);
        let mut rows: Vec<_> = lines.clone().into();
        rows.reverse();
        let configurable: BTreeSet<_> = lines.iter().skip(fixed).map(|l| l.dish_id).collect();
        let one = allocate(&lines, &configurable, &Preset::new(layouts).unwrap(), &k.available).unwrap();
        let two = allocate(&OrderLines::restore(rows).unwrap(), &configurable, &Preset::new(shuffled).unwrap(), &k.available).unwrap();
        prop_assert_eq!(serde_json::to_vec(&one).unwrap(), serde_json::to_vec(&two).unwrap());
        for (line, allocation) in lines.iter().zip(&one.lines) {
            prop_assert_eq!(line.quantity, allocation.portions.iter().map(|p| p.meals).sum::<i32>());
        }
    }
}
