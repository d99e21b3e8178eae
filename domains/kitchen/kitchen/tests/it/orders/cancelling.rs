//! Cancelling: by whom, until when, and what comes back.

use bk_kernel::OrderId;
use bk_kitchen_core::MealSize;
use bk_kitchen_ordering::orders::{CancelOrderError, ConfirmOrderError, OrderState};
use chrono::TimeDelta;

use crate::fixture::{Fixture, closing, cutoff, friday};

#[tokio::test]
async fn cancelling_returns_the_meals_to_the_packs_they_came_from() {
    let kitchen = Fixture::with_limits(&[("chicken", 12)]).await;
    let sam = kitchen.customer("sam").await;
    kitchen.pack(&sam, MealSize::G300, 3, 1).await;
    kitchen.pack(&sam, MealSize::G300, 10, 2).await;
    let view = kitchen.order(&sam, &[("chicken", 7)]).await;
    assert_eq!(kitchen.ordered("chicken").await, 7);
    let order = kitchen.cancel_as(&kitchen.owner, view.order.id, friday()).await.unwrap();
    assert_eq!(order.state, OrderState::Cancelled);
    let whole = [(3, "ACTIVE".to_owned()), (10, "ACTIVE".to_owned())];
    assert_eq!(kitchen.packs(&sam).await, whole);
    assert_eq!((kitchen.ordered("chicken").await, kitchen.unbalanced_packs().await), (0, 0));
    let restored = "SELECT string_agg(delta::text, ' ' ORDER BY delta)
                      FROM kitchen_pack_events WHERE kind = 'RESTORED'";
    assert_eq!(kitchen.text(restored).await, "3 4");
}

#[tokio::test]
async fn cancelling_again_returns_nothing_more() {
    let kitchen = Fixture::with_limits(&[("chicken", 12)]).await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let view = kitchen.order(&sam, &[("chicken", 7)]).await;
    let first = kitchen.cancel_as(&kitchen.owner, view.order.id, friday()).await.unwrap();
    let again = kitchen.cancel_as(&kitchen.owner, view.order.id, cutoff()).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(kitchen.packs(&sam).await, [(10, "ACTIVE".to_owned())]);
    assert_eq!(kitchen.ordered("chicken").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_racing_a_confirm_leaves_every_meal_where_the_order_says() {
    let kitchen = Fixture::with_limits(&[("chicken", 100)]).await;
    for nth in 0..8 {
        let customer = kitchen.customer_with_pack(&format!("customer{nth}"), 10).await;
        let draft = kitchen.draft(&customer, &[("chicken", 6)]).await.unwrap();
        let (confirmed, cancelled) = tokio::join!(
            kitchen.confirm(&customer),
            kitchen.cancel_as(&kitchen.owner, draft.order.id, friday()),
        );
        // A draft may be cancelled, and so may the order it has become; the confirm may find neither.
        assert_eq!(cancelled.unwrap().state, OrderState::Cancelled);
        assert!(matches!(confirmed, Ok(_) | Err(ConfirmOrderError::NotFound)));
        assert_eq!(kitchen.packs(&customer).await, [(10, "ACTIVE".to_owned())]);
    }
    assert_eq!((kitchen.ordered("chicken").await, kitchen.unbalanced_packs().await), (0, 0));
}

#[tokio::test]
async fn another_order_can_be_placed_after_a_cancelled_one() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let first = kitchen.order(&sam, &[("chicken", 7)]).await;
    kitchen.cancel_as(&kitchen.owner, first.order.id, friday()).await.unwrap();
    let second = kitchen.order(&sam, &[("beef", 9)]).await;
    assert_ne!(first.order.id, second.order.id);
    assert_eq!(kitchen.packs(&sam).await, [(1, "ACTIVE".to_owned())]);
}

#[tokio::test]
async fn a_confirmed_order_is_cancelled_before_the_cutoff_and_a_draft_in_its_window() {
    let kitchen = Fixture::new().await;
    let (sam, alex) =
        (kitchen.customer_with_pack("sam", 10).await, kitchen.customer_with_pack("alex", 10).await);
    let confirmed = kitchen.order(&sam, &[("chicken", 7)]).await.order.id;
    let draft = kitchen.draft(&alex, &[("chicken", 1)]).await.unwrap().order.id;
    let refused = kitchen.cancel_as(&kitchen.owner, draft, closing()).await;
    assert!(matches!(refused, Err(CancelOrderError::TooLate)));
    let refused = kitchen.cancel_as(&kitchen.owner, confirmed, cutoff()).await;
    assert!(matches!(refused, Err(CancelOrderError::TooLate)));
    assert_eq!(kitchen.packs(&sam).await, [(3, "ACTIVE".to_owned())]);
    let last = closing() - TimeDelta::milliseconds(1);
    assert!(kitchen.cancel_as(&kitchen.owner, draft, last).await.is_ok());
    let last = cutoff() - TimeDelta::milliseconds(1);
    assert!(kitchen.cancel_as(&kitchen.owner, confirmed, last).await.is_ok());
}

#[tokio::test]
async fn a_locked_order_names_its_state() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let order = kitchen.order(&sam, &[("chicken", 7)]).await.order.id;
    kitchen.sql("UPDATE kitchen_orders SET state = 'LOCKED'").await;
    let refused = kitchen.cancel_as(&kitchen.owner, order, friday()).await;
    assert!(matches!(refused, Err(CancelOrderError::State(OrderState::Locked))));
}

#[tokio::test]
async fn an_account_manager_cancels_only_orders_of_their_accounts() {
    let kitchen = Fixture::new().await;
    let (mia, noah) = (kitchen.manager("mia"), kitchen.manager("noah"));
    let sam = kitchen.customer_with("sam", |new| new.manager_user_id = Some(mia.user_id)).await;
    kitchen.pack(&sam, MealSize::G300, 10, 1).await;
    let order = kitchen.order(&sam, &[("chicken", 7)]).await.order.id;
    for id in [order, OrderId::new()] {
        let refused = kitchen.cancel_as(&noah, id, friday()).await;
        assert!(matches!(refused, Err(CancelOrderError::NotFound)));
    }
    assert!(kitchen.cancel_as(&mia, order, friday()).await.is_ok());
}

#[tokio::test]
async fn the_reason_and_the_note_are_kept_and_the_audit_log_knows() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let order = kitchen.order(&sam, &[("chicken", 7)]).await.order.id;
    kitchen.cancel_as(&kitchen.owner, order, friday()).await.unwrap();
    let kept = "SELECT reason || ': ' || note FROM kitchen_order_events WHERE kind = 'CANCELLED'";
    assert_eq!(kitchen.text(kept).await, "CUSTOMER_REQUEST: Called on Saturday");
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'order.cancelled'";
    assert_eq!(kitchen.count(audited).await, 1);
}
