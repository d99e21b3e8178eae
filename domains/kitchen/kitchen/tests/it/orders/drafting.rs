//! Drafts, and who sees which order.

use bk_kernel::{Actor, Limit};
use bk_kitchen_core::MealSize;
use bk_kitchen_ordering::orders::{
    ListOrders, OrderState, OrderView, ReplaceLinesError, get_current_order, get_order,
    get_own_order, list_orders,
};
use bk_persistence::DbError;
use chrono::TimeDelta;

use crate::fixture::{Customer, Fixture, acting, acting_at, client, closing, friday, opening};

async fn own(kitchen: &Fixture, customer: &Customer, id: bk_kernel::OrderId) -> Option<OrderView> {
    let snapshot = kitchen.kitchen.catalogue().snapshot(kitchen.tenant).await.unwrap();
    let ctx = acting(&customer.actor);
    let found: Result<_, DbError> = kitchen
        .kitchen
        .tenant(kitchen.tenant)
        .read(move |tx| async move { get_own_order(&ctx, &tx, &snapshot, id).await })
        .await;
    found.unwrap()
}

#[tokio::test]
async fn replacing_lines_twice_gives_the_same_draft() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let lines = [("chicken", MealSize::G300, 2), ("chicken", MealSize::G400, 1)];
    let first = kitchen.draft_at(&sam, &lines, friday()).await.unwrap();
    let again = kitchen.draft_at(&sam, &lines, friday()).await.unwrap();
    assert_eq!((first.order.id, &first.order.lines), (again.order.id, &again.order.lines));
    assert_eq!((first.preview, first.warnings), (again.preview, again.warnings));
    assert_eq!(kitchen.count("SELECT count(*) FROM kitchen_orders").await, 1);
    assert_eq!(kitchen.count("SELECT count(*) FROM kitchen_order_lines").await, 2);
    let other = kitchen.draft(&sam, &[("beef", 3)]).await.unwrap();
    assert_eq!(other.order.lines.meals_needed().total(), 3);
    assert_eq!(kitchen.packs(&sam).await, [(10, "ACTIVE".to_owned())]);
}

#[tokio::test]
async fn drafts_are_changed_only_while_the_window_is_open() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let line = [("chicken", MealSize::G300, 1)];
    for at in [opening() - TimeDelta::milliseconds(1), closing()] {
        let refused = kitchen.draft_at(&sam, &line, at).await;
        assert!(matches!(refused, Err(ReplaceLinesError::WindowClosed)), "{at}");
    }
    for at in [opening(), closing() - TimeDelta::milliseconds(1)] {
        assert!(kitchen.draft_at(&sam, &line, at).await.is_ok(), "{at}");
    }
}

#[tokio::test]
async fn no_draft_begins_in_a_locked_week() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen
        .sql("UPDATE kitchen_order_weeks SET locked_at = opens_at WHERE week = '2026-W49'")
        .await;
    let refused = kitchen.draft(&sam, &[("chicken", 1)]).await;
    assert!(matches!(refused, Err(ReplaceLinesError::WindowClosed)));
}

#[tokio::test]
async fn only_dishes_of_a_published_menu_are_drafted() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let chicken = kitchen.dishes["chicken"];
    let not_on_menu = |outcome: Result<OrderView, ReplaceLinesError>| matches!(outcome, Err(ReplaceLinesError::NotOnMenu { dish_id }) if dish_id == chicken);
    assert!(not_on_menu(kitchen.draft(&sam, &[("chicken", 1)]).await));
    kitchen.write_menu(crate::fixture::WEEK, &[]).await;
    assert!(not_on_menu(kitchen.draft(&sam, &[("chicken", 1)]).await));
    kitchen.publish_menu(crate::fixture::WEEK).await;
    assert!(kitchen.draft(&sam, &[("chicken", 1)]).await.is_ok());
}

#[tokio::test]
async fn a_draft_warns_of_dislikes_and_of_dishes_that_run_out() {
    let kitchen = Fixture::with_limits(&[("beef", 2)]).await;
    let sam = kitchen.customer_with_pack("sam", 20).await;
    kitchen.rule(&sam, "DISLIKE", "chicken").await;
    let draft = kitchen.draft(&sam, &[("chicken", 1), ("beef", 3)]).await.unwrap();
    let warnings: Vec<_> =
        draft.warnings.iter().map(|warning| (warning.kind.as_str(), warning.dish_id)).collect();
    let (beef, chicken) = (kitchen.dishes["beef"], kitchen.dishes["chicken"]);
    assert_eq!(warnings, [("SOLD_OUT", Some(beef)), ("DISLIKED", Some(chicken))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_first_drafts_at_once_are_one_order() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let (one, other) =
        tokio::join!(kitchen.draft(&sam, &[("chicken", 1)]), kitchen.draft(&sam, &[("beef", 2)]),);
    assert_eq!(one.unwrap().order.id, other.unwrap().order.id);
    assert_eq!(kitchen.count("SELECT count(*) FROM kitchen_orders").await, 1);
}

#[tokio::test]
async fn the_order_of_another_account_is_not_found() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let alex = kitchen.customer_with_pack("alex", 10).await;
    let order = kitchen.order(&sam, &[("chicken", 2)]).await.order.id;
    assert_eq!(own(&kitchen, &sam, order).await.unwrap().order.state, OrderState::Confirmed);
    assert_eq!(own(&kitchen, &alex, order).await, None);
    let stranger =
        Customer { actor: client(kitchen.tenant, bk_kernel::UserId::new()), ..alex.clone() };
    assert_eq!(own(&kitchen, &stranger, order).await, None);
    let refused = kitchen.draft(&stranger, &[("chicken", 1)]).await;
    assert!(matches!(refused, Err(ReplaceLinesError::NotFound)));
}

#[tokio::test]
async fn the_current_order_is_the_live_one_of_the_current_week() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let current = async |at| {
        let snapshot = kitchen.kitchen.catalogue().snapshot(kitchen.tenant).await.unwrap();
        let ctx = acting_at(&sam.actor, at);
        let found: Result<_, DbError> = kitchen
            .kitchen
            .tenant(kitchen.tenant)
            .read(move |tx| async move { get_current_order(&ctx, &tx, &snapshot).await })
            .await;
        found.unwrap()
    };
    assert_eq!(current(friday()).await, None);
    let order = kitchen.order(&sam, &[("chicken", 2)]).await;
    assert_eq!(current(friday()).await, Some(order.clone()));
    // Until the cutoff the week that has closed is the one that matters.
    assert_eq!(current(closing()).await, Some(order));
    assert_eq!(current(crate::fixture::cutoff()).await, None);
}

#[tokio::test]
async fn staff_see_the_orders_of_the_accounts_they_manage() {
    let kitchen = Fixture::new().await;
    let (mia, noah) = (kitchen.manager("mia"), kitchen.manager("noah"));
    let mut orders = Vec::new();
    for (name, manager) in [("sam", &mia), ("alex", &noah)] {
        let customer =
            kitchen.customer_with(name, |new| new.manager_user_id = Some(manager.user_id)).await;
        kitchen.pack(&customer, MealSize::G300, 10, 1).await;
        orders.push(kitchen.order(&customer, &[("chicken", 2)]).await.order.id);
    }
    let seen = async |actor: &Actor| {
        let ctx = acting(actor);
        let page: Result<_, DbError> = kitchen
            .kitchen
            .tenant(kitchen.tenant)
            .read(move |tx| async move {
                list_orders(&ctx, &tx, ListOrders::default(), (Limit::DEFAULT, None)).await
            })
            .await;
        page.unwrap().unwrap().items.into_iter().map(|order| order.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(&mia).await, [orders[0]]);
    assert_eq!(seen(&noah).await, [orders[1]]);
    assert_eq!(seen(&kitchen.owner).await, [orders[1], orders[0]]);
    let snapshot = kitchen.kitchen.catalogue().snapshot(kitchen.tenant).await.unwrap();
    for (actor, sees) in [(&mia, true), (&noah, false), (&kitchen.owner, true)] {
        let (ctx, id, snapshot) = (acting(actor), orders[0], snapshot.clone());
        let found: Result<_, DbError> = kitchen
            .kitchen
            .tenant(kitchen.tenant)
            .read(move |tx| async move { get_order(&ctx, &tx, &snapshot, id).await })
            .await;
        assert_eq!(found.unwrap().is_some(), sees);
    }
}
