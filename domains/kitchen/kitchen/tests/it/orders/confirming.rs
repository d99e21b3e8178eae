//! Confirming, one customer at a time.

use bk_guard::Problem;
use bk_kernel::Code;
use bk_kitchen_accounts::accounts::AccountStatus;
use bk_kitchen_core::{MealSize, Tier};
use bk_kitchen_ordering::orders::{
    AllocationError, ConfirmOrderError, OrderState, ReplaceLinesError,
};
use chrono::TimeDelta;

use crate::fixture::{Fixture, closing, cutoff, friday, opening};

#[tokio::test]
async fn confirming_takes_the_meals_and_answers_with_the_allocation() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 20).await;
    let draft = kitchen.draft(&sam, &[("chicken", 2), ("bowl", 3)]).await.unwrap();
    assert_eq!((draft.order.state, draft.meals_left.g300), (OrderState::Draft, 20));
    assert!(draft.warnings.is_empty());
    let view = kitchen.confirm(&sam).await.unwrap();
    assert_eq!((view.order.state, view.meals_left.g300), (OrderState::Confirmed, 15));
    let allocation = view.allocation.unwrap();
    assert_eq!(Some(&allocation), draft.preview.as_ref());
    assert_eq!(allocation.meals(), 5);
    let bowl = &allocation.lines[1].portions[0];
    let served: Vec<_> = bowl.sides.ids().collect();
    assert_eq!(served, [kitchen.sides["greens"], kitchen.sides["rice"]]);
    assert_eq!(view.order.preset_id, Some(kitchen.presets["a_plain"]));
}

#[tokio::test]
async fn one_fact_and_one_event_tell_of_it() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 20).await;
    kitchen.order(&sam, &[("chicken", 2)]).await;
    kitchen.confirm(&sam).await.unwrap();
    let published = "SELECT count(*) FROM outbox WHERE kind = 'order_confirmed'
                   AND (payload->>'meals')::int = 2";
    assert_eq!(kitchen.count(published).await, 1);
    let events = "SELECT string_agg(kind, ' ' ORDER BY id) FROM kitchen_order_events";
    assert_eq!(kitchen.text(events).await, "LINES_REPLACED CONFIRMED");
}

#[tokio::test]
async fn a_retry_after_a_lost_reply_consumes_nothing_and_answers_the_same() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 4)]).await.unwrap();
    for key in [Some("first"), None] {
        let first = kitchen.confirm_at(&sam, friday(), key).await.unwrap();
        let later = friday() + TimeDelta::minutes(9);
        let again = kitchen.confirm_at(&sam, later, key).await.unwrap();
        assert_eq!(first, again);
        // A reply may be lost just before the window closes.
        let after = closing() + TimeDelta::minutes(1);
        assert_eq!(kitchen.confirm_at(&sam, after, key).await.unwrap(), first);
    }
    assert_eq!(kitchen.packs(&sam).await, [(6, "ACTIVE".to_owned())]);
}

#[tokio::test]
async fn of_two_tabs_one_orders_and_the_other_learns_that_it_is_confirmed() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 4)]).await.unwrap();
    kitchen.confirm_at(&sam, friday(), Some("tab-1")).await.unwrap();
    let other = kitchen.confirm_at(&sam, friday(), Some("tab-2")).await.unwrap_err();
    assert!(matches!(other, ConfirmOrderError::State(OrderState::Confirmed)), "{other}");
    let problem = Problem::from(other);
    assert_eq!(problem.code(), Code::StateConflict);
    assert_eq!(kitchen.packs(&sam).await, [(6, "ACTIVE".to_owned())]);
}

#[tokio::test]
async fn a_confirmed_order_is_not_drafted_again() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.order(&sam, &[("chicken", 4)]).await;
    let refused = kitchen.draft(&sam, &[("beef", 1)]).await.unwrap_err();
    assert!(matches!(refused, ReplaceLinesError::State(OrderState::Confirmed)));
}

#[tokio::test]
async fn a_millisecond_before_the_close_is_in_time_and_the_close_is_not() {
    let kitchen = Fixture::new().await;
    let early = kitchen.customer_with_pack("early", 10).await;
    let late = kitchen.customer_with_pack("late", 10).await;
    for customer in [&early, &late] {
        kitchen.draft(customer, &[("chicken", 1)]).await.unwrap();
    }
    let before = opening() - TimeDelta::milliseconds(1);
    for at in [before, closing(), cutoff() - TimeDelta::milliseconds(1)] {
        let refused = kitchen.confirm_at(&late, at, None).await.unwrap_err();
        assert!(matches!(refused, ConfirmOrderError::WindowClosed), "{at}");
        assert_eq!(Problem::from(refused).code(), Code::WindowClosed);
    }
    let last = closing() - TimeDelta::milliseconds(1);
    assert!(kitchen.confirm_at(&early, last, None).await.is_ok());
    assert_eq!(kitchen.packs(&late).await, [(10, "ACTIVE".to_owned())]);
}

#[tokio::test]
async fn meals_come_from_the_oldest_pack_first_and_the_last_meal_exhausts_it() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer("sam").await;
    // Told in the other order: the purchase counts, not the telling.
    kitchen.pack(&sam, MealSize::G300, 10, 9).await;
    kitchen.pack(&sam, MealSize::G300, 3, 2).await;
    kitchen.order(&sam, &[("chicken", 7)]).await;
    let expected = [(0, "EXHAUSTED".to_owned()), (6, "ACTIVE".to_owned())];
    assert_eq!(kitchen.packs(&sam).await, expected);
    let events = "SELECT string_agg(kind || ' ' || delta, ', ' ORDER BY p.purchased_at, e.id)
                    FROM kitchen_pack_events e JOIN kitchen_packs p ON p.id = e.pack_id";
    let expected = "PURCHASED 3, CONSUMED -3, EXHAUSTED 0, PURCHASED 10, CONSUMED -4";
    assert_eq!(kitchen.text(events).await, expected);
}

#[tokio::test]
async fn too_few_meals_of_the_ordered_size_change_nothing() {
    let kitchen = Fixture::with_limits(&[("chicken", 50)]).await;
    let sam = kitchen.customer("sam").await;
    kitchen.pack(&sam, MealSize::G300, 4, 1).await;
    kitchen.pack(&sam, MealSize::G400, 40, 2).await;
    let draft = kitchen.draft(&sam, &[("chicken", 5)]).await.unwrap();
    assert_eq!(draft.warnings[0].kind.as_str(), "NOT_ENOUGH_MEALS");
    let refused = kitchen.confirm(&sam).await.unwrap_err();
    let ConfirmOrderError::Meals(short) = &refused else { panic!("{refused}") };
    assert_eq!((short.size, short.needed, short.available), (MealSize::G300, 5, 4));
    assert_eq!(Problem::from(refused).code(), Code::NotEnoughMeals);
    assert_eq!(kitchen.ordered("chicken").await, 0);
    assert_eq!(kitchen.packs(&sam).await[0], (4, "ACTIVE".to_owned()));
    assert_eq!(kitchen.text("SELECT state FROM kitchen_orders").await, "DRAFT");
}

#[tokio::test]
async fn an_allergen_added_after_the_draft_blocks_the_dish_at_once() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 1), ("creamy", 1)]).await.unwrap();
    kitchen.rule(&sam, "ALLERGEN", "milk").await;
    let refused = kitchen.confirm(&sam).await.unwrap_err();
    let ConfirmOrderError::DishBlocked { dish } = &refused else { panic!("{refused}") };
    assert_eq!(dish, "Creamy stew");
    assert_eq!(Problem::from(refused).code(), Code::PreferenceBlocked);
    assert_eq!(kitchen.packs(&sam).await, [(10, "ACTIVE".to_owned())]);
    let draft = kitchen.draft(&sam, &[("chicken", 1), ("creamy", 1)]).await.unwrap();
    assert_eq!(draft.warnings[0].kind.as_str(), "BLOCKED");
    assert_eq!(draft.warnings[0].dish_id, Some(kitchen.dishes["creamy"]));
}

#[tokio::test]
async fn an_allergen_added_to_a_recipe_counts_although_the_news_has_not_been_heard() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.rule(&sam, "ALLERGEN", "milk").await;
    kitchen.draft(&sam, &[("chicken", 1)]).await.unwrap();
    // Another instance wrote it: this one's memory still has the old catalogue.
    kitchen
        .sql(
            "UPDATE kitchen_ingredients SET allergens = '{milk}' WHERE key = 'chicken';
             UPDATE kitchen_catalogue_versions SET version = version + 1",
        )
        .await;
    let refused = kitchen.confirm(&sam).await.unwrap_err();
    assert!(matches!(refused, ConfirmOrderError::DishBlocked { .. }), "{refused}");
}

#[tokio::test]
async fn an_excluded_side_fails_the_confirm_and_is_named() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.rule(&sam, "EXCLUSION", "carrot").await;
    let draft = kitchen.draft(&sam, &[("bowl", 2)]).await.unwrap();
    assert_eq!((draft.preview, draft.warnings[0].kind.as_str()), (None, "SIDE_BLOCKED"));
    let refused = kitchen.confirm(&sam).await.unwrap_err();
    let ConfirmOrderError::Sides(AllocationError::Blocked { side_id, name }) = &refused else {
        panic!("{refused}")
    };
    assert_eq!((*side_id, name.as_str()), (kitchen.sides["greens"], "Greens"));
    let problem = Problem::from(refused);
    assert_eq!(problem.code(), Code::PreferenceBlocked);
    // Dishes whose sides are part of the recipe are not concerned.
    kitchen.order(&sam, &[("chicken", 2)]).await;
}

#[tokio::test]
async fn a_side_above_the_tier_is_replaced_by_the_base_and_noted() {
    let kitchen = Fixture::new().await;
    let finest = kitchen.presets["b_finest"];
    for (name, tier, served, replaced) in
        [("base", Tier::Base, "greens", 1), ("high", Tier::High, "truffle", 0)]
    {
        let customer = kitchen
            .customer_with(name, |new| {
                new.tier = tier;
                new.default_preset_id = Some(finest);
            })
            .await;
        kitchen.pack(&customer, MealSize::G300, 10, 1).await;
        let view = kitchen.order(&customer, &[("bowl", 2)]).await;
        let allocation = view.allocation.unwrap();
        assert_eq!(allocation.replacements.len(), replaced, "{name}");
        let sides = &allocation.lines[0].portions[0].sides;
        assert!(sides.vegetables.contains(&kitchen.sides[served]), "{name}");
        assert_eq!(view.order.replacements, allocation.replacements);
        // As stored, too.
        let again = kitchen.confirm(&customer).await.unwrap();
        assert_eq!(again.allocation, Some(allocation));
    }
}

#[tokio::test]
async fn only_an_active_account_orders() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 1)]).await.unwrap();
    for (status, expected) in [
        ("PAUSED", AccountStatus::Paused),
        ("SUSPENDED", AccountStatus::Suspended),
        ("CLOSED", AccountStatus::Closed),
    ] {
        kitchen.sql(&format!("UPDATE kitchen_accounts SET status = '{status}'")).await;
        let refused = kitchen.confirm(&sam).await.unwrap_err();
        assert!(matches!(refused, ConfirmOrderError::Account(found) if found == expected));
        assert_eq!(Problem::from(refused).code(), Code::AccountInactive);
        let refused = kitchen.draft(&sam, &[("chicken", 2)]).await.unwrap_err();
        assert!(matches!(refused, ReplaceLinesError::Account(found) if found == expected));
    }
}

#[tokio::test]
async fn an_empty_draft_is_not_confirmed_and_no_draft_is_not_found() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    assert!(matches!(kitchen.confirm(&sam).await, Err(ConfirmOrderError::NotFound)));
    kitchen.draft(&sam, &[]).await.unwrap();
    assert!(matches!(kitchen.confirm(&sam).await, Err(ConfirmOrderError::Empty)));
}

#[tokio::test]
async fn a_dish_that_left_the_menu_or_lost_its_recipe_is_named() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 1), ("beef", 1)]).await.unwrap();
    let (beef, chicken) = (kitchen.dishes["beef"].uuid(), kitchen.dishes["chicken"].uuid());
    kitchen.sql(&format!("DELETE FROM kitchen_menu_dishes WHERE dish_id = '{beef}'")).await;
    let refused = kitchen.confirm(&sam).await.unwrap_err();
    assert!(matches!(&refused, ConfirmOrderError::NotOnMenu { dish } if dish == "Beef plate"));
    // Nobody can say what is in a dish without a recipe, so it is not harmless.
    kitchen
        .sql(&format!(
            "DELETE FROM kitchen_recipe_lines WHERE dish_id = '{chicken}' AND meal_size_g = 300;
             UPDATE kitchen_catalogue_versions SET version = version + 1"
        ))
        .await;
    let refused = kitchen.confirm(&sam).await.unwrap_err();
    assert!(matches!(&refused, ConfirmOrderError::NotOnMenu { dish } if dish == "Chicken plate"));
    assert_eq!(kitchen.packs(&sam).await, [(10, "ACTIVE".to_owned())]);
}
