//! Confirming many times at once, and dying half way.

use std::{sync::Arc, thread};

use bk_guard::Problem;
use bk_kernel::Code;
use bk_kitchen_ordering::orders::{ConfirmOrderError, OrderState, OrderView};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use crate::fixture::{Customer, Fixture, friday};

type Reply = Result<OrderView, ConfirmOrderError>;

/// Confirms for all of them at once; the replies come in no particular order.
async fn confirm_all(
    kitchen: &Arc<Fixture>,
    confirms: impl IntoIterator<Item = (Customer, Option<&'static str>)>,
) -> Vec<Reply> {
    let mut running = JoinSet::new();
    for (customer, key) in confirms {
        let kitchen = kitchen.clone();
        running.spawn(async move { kitchen.confirm_at(&customer, friday(), key).await });
    }
    running.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_confirms_at_once_consume_once_and_are_answered_alike() {
    let kitchen = Arc::new(Fixture::with_limits(&[("chicken", 40)]).await);
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 10)]).await.unwrap();
    let replies = confirm_all(&kitchen, (0..50).map(|_| (sam.clone(), Some("one")))).await;
    assert_eq!(replies.len(), 50);
    let first = replies[0].as_ref().unwrap();
    assert_eq!((first.order.state, first.meals_left.g300), (OrderState::Confirmed, 0));
    for reply in &replies {
        assert_eq!(reply.as_ref().unwrap(), first);
    }
    assert_eq!(kitchen.packs(&sam).await, [(0, "EXHAUSTED".to_owned())]);
    assert_eq!(kitchen.ordered("chicken").await, 10);
    let consumed = "SELECT count(*) FROM kitchen_pack_events WHERE kind = 'CONSUMED'";
    assert_eq!(kitchen.count(consumed).await, 1);
    assert_eq!(
        kitchen.count("SELECT count(*) FROM outbox WHERE kind = 'order_confirmed'").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_tabs_at_once_give_one_order_and_one_refusal() {
    let kitchen = Arc::new(Fixture::new().await);
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 5)]).await.unwrap();
    let tabs = [(sam.clone(), Some("tab-1")), (sam.clone(), Some("tab-2"))];
    let replies = confirm_all(&kitchen, tabs).await;
    let refused: Vec<_> = replies.into_iter().filter_map(Result::err).collect();
    assert!(matches!(refused[..], [ConfirmOrderError::State(OrderState::Confirmed)]));
    assert_eq!(kitchen.packs(&sam).await, [(5, "ACTIVE".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_orders_of_eight_over_twelve_meals_one_learns_that_four_are_left() {
    let kitchen = Arc::new(Fixture::with_limits(&[("chicken", 12)]).await);
    let mut customers = Vec::new();
    for name in ["sam", "alex"] {
        let customer = kitchen.customer_with_pack(name, 10).await;
        kitchen.draft(&customer, &[("chicken", 8)]).await.unwrap();
        customers.push(customer);
    }
    let confirms = customers.iter().map(|customer| (customer.clone(), None));
    let replies = confirm_all(&kitchen, confirms).await;
    let (done, refused): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(Result::is_ok);
    let winner = done[0].as_ref().unwrap().order.account_id;
    let refused = refused.into_iter().next().unwrap().unwrap_err();
    assert!(
        matches!(&refused, ConfirmOrderError::SoldOut { left: 4, dish } if dish == "Chicken plate")
    );
    assert_eq!(Problem::from(refused).code(), Code::DishSoldOut);
    for customer in &customers {
        let left = if customer.account.id == winner { 2 } else { 10 };
        assert_eq!(kitchen.packs(customer).await, [(left, "ACTIVE".to_owned())]);
    }
    assert_eq!(kitchen.ordered("chicken").await, 8);
    // The other may choose fewer.
    let loser = customers.iter().find(|customer| customer.account.id != winner).unwrap();
    kitchen.order(loser, &[("chicken", 4)]).await;
    assert_eq!(kitchen.ordered("chicken").await, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_orders_over_the_same_two_dishes_never_wait_crosswise() {
    let kitchen = Arc::new(Fixture::with_limits(&[("chicken", 400), ("beef", 400)]).await);
    let mut confirms = Vec::new();
    for nth in 0..100 {
        let customer = kitchen.customer_with_pack(&format!("customer{nth}"), 10).await;
        let mut lines = [("chicken", 1), ("beef", 2)];
        if nth % 2 == 1 {
            lines.reverse();
        }
        kitchen.draft(&customer, &lines).await.unwrap();
        confirms.push((customer, None));
    }
    // Without a second try: a deadlock would be an error here.
    for reply in confirm_all(&kitchen, confirms).await {
        assert_eq!(reply.unwrap().order.state, OrderState::Confirmed);
    }
    assert_eq!((kitchen.ordered("chicken").await, kitchen.ordered("beef").await), (100, 200));
    assert_eq!(kitchen.unbalanced_packs().await, 0);
}

/// Ends every session of the application that is in the middle of a transaction: what the server
/// sees when the process is killed.
fn kill_running_transactions(url: &str) {
    let url = url.to_owned();
    let killing = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut admin = PgConnection::connect(&url).await.unwrap();
            let killed: i64 = sqlx::query_scalar(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                  WHERE datname = current_database() AND usename = 'bk_app'
                    AND state = 'idle in transaction'",
            )
            .fetch_one(&mut admin)
            .await
            .unwrap();
            assert_eq!(killed, 1);
            admin.close().await.unwrap();
        });
    });
    killing.join().unwrap();
}

/// The fail points of the use case, in the order in which it reaches them.
const STEPS: [&str; 5] = [
    "confirm_order::account_locked",
    "confirm_order::dishes_counted",
    "confirm_order::meals_consumed",
    "confirm_order::allocation_stored",
    "confirm_order::fact_published",
];

#[tokio::test]
async fn a_process_killed_before_the_commit_has_consumed_nothing() {
    let kitchen = Fixture::with_limits(&[("chicken", 12)]).await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.draft(&sam, &[("chicken", 7)]).await.unwrap();
    let here = thread::current().id();
    for fatal in STEPS {
        let url = kitchen.db.url.expose().to_owned();
        // Other tests of this process may confirm meanwhile, on threads of their own.
        let killer = move || {
            if thread::current().id() == here {
                kill_running_transactions(&url);
            }
        };
        fail::cfg_callback(fatal, killer).unwrap();
        let outcome = kitchen.confirm(&sam).await;
        fail::remove(fatal);
        assert!(matches!(outcome, Err(ConfirmOrderError::Db(_))), "{fatal}");
        assert_eq!(kitchen.packs(&sam).await, [(10, "ACTIVE".to_owned())], "{fatal}");
        assert_eq!(kitchen.ordered("chicken").await, 0, "{fatal}");
        assert_eq!(kitchen.text("SELECT state FROM kitchen_orders").await, "DRAFT", "{fatal}");
        let traces = "SELECT (SELECT count(*) FROM kitchen_order_allocations)
            + (SELECT count(*) FROM kitchen_pack_events WHERE kind <> 'PURCHASED')
            + (SELECT count(*) FROM outbox WHERE kind = 'order_confirmed')";
        assert_eq!(kitchen.count(traces).await, 0, "{fatal}");
    }
    kitchen.confirm(&sam).await.unwrap();
    assert_eq!(kitchen.packs(&sam).await, [(3, "ACTIVE".to_owned())]);
}
