//! Opening payment pages.

use bk_contracts::checkout::{Checkout, CheckoutError};
use chrono::TimeDelta;
use futures::{FutureExt, future::join_all};

use super::*;

#[tokio::test]
async fn a_purchase_is_written_down_with_its_page_and_its_place_in_the_directory() {
    let till = Till::open().await;
    let (purchase, session) = till.start().await;
    assert_eq!(till.outcome(purchase).await, Outcome::unpaid("PENDING"));
    let known: uuid::Uuid = sqlx::query_scalar(
        "SELECT purchase_id FROM billing_session_directory WHERE stripe_object = $1",
    )
    .bind(&session)
    .fetch_one(&till.db.admin)
    .await
    .unwrap();
    assert_eq!(known, purchase.uuid());
    let kept = "SELECT count(*) FROM billing_purchases WHERE customer_email IS NOT NULL";
    assert_eq!(till.count(kept).await, 0, "the address is not kept");
}

#[tokio::test]
async fn a_repeated_request_key_answers_the_same_page() {
    let till = Till::open().await;
    let order = till.order(Some("key-1"));
    let first = till.billing.start_pack(order.clone()).await.unwrap();
    assert_eq!(till.billing.start_pack(order.clone()).await.unwrap(), first);

    let mut other_person = order.clone();
    other_person.user_id = UserId::new();
    let others = till.billing.start_pack(other_person).await.unwrap();
    assert_ne!(others.purchase_id, first.purchase_id, "keys belong to people");
}

#[tokio::test]
async fn ten_equal_requests_at_once_open_one_page() {
    let till = Till::open().await;
    let order = till.order(Some("key-1"));
    let all = join_all((0..10).map(|_| till.billing.start_pack(order.clone()))).await;
    let first = all[0].as_ref().unwrap();
    assert!(all.iter().all(|one| one.as_ref().unwrap() == first));
    assert_eq!(till.count("SELECT count(*) FROM billing_purchases").await, 1);
    assert_eq!(till.count("SELECT count(*) FROM billing_session_directory").await, 1);
}

#[tokio::test]
async fn a_checkout_killed_anywhere_goes_on_where_it_stopped() {
    let till = Till::open().await;
    for polls in 1..12 {
        let order = till.order(Some("key-1"));
        {
            let mut killed = Box::pin(till.billing.start_pack(order.clone()));
            for _ in 0..polls {
                if killed.as_mut().now_or_never().is_some() {
                    break;
                }
                // Lets everything that was started go on by one step.
                tokio::task::yield_now().await;
            }
        }
        let resumed = till.billing.start_pack(order.clone()).await.unwrap();
        assert_eq!(till.billing.start_pack(order).await.unwrap(), resumed);
        till.pay(&session_of(&resumed));
    }
    assert_eq!(till.count("SELECT count(*) FROM billing_purchases").await, 11);
    assert_eq!(till.count("SELECT count(*) FROM billing_session_directory").await, 11);
}

#[tokio::test]
async fn when_stripe_is_away_nothing_is_charged_and_the_same_key_resumes() {
    let till = Till::open().await;
    let order = till.order(Some("key-1"));
    let away = Billing::new(BillingDeps {
        db: till.db.app.clone(),
        clock: till.clock.clone(),
        signing_clock: till.clock.clone(),
        stripe: settings("http://127.0.0.1:9", false),
        accounts: till.billing.accounts(),
        tenants: Arc::new(OneTenant(till.tenant)),
    });
    let refused = away.unwrap().start_pack(order.clone()).await;
    assert!(matches!(refused, Err(CheckoutError::Provider)));
    till.billing.start_pack(order).await.unwrap();
    assert_eq!(till.count("SELECT count(*) FROM billing_purchases").await, 1);
}

#[tokio::test]
async fn a_purchase_that_never_got_its_page_is_given_up_and_its_key_starts_another() {
    let till = Till::open().await;
    let order = till.order(Some("key-1"));
    let first = till.billing.start_pack(order.clone()).await.unwrap();
    let forget =
        "UPDATE billing_purchases SET stripe_session_id = NULL, checkout_url = NULL WHERE id = $1";
    till.tamper(forget, first.purchase_id).await;
    till.reconcile_after(TimeDelta::minutes(61)).await;
    assert_eq!(till.outcome(first.purchase_id).await, Outcome::unpaid("CANCELLED"));
    let second = till.billing.start_pack(order).await.unwrap();
    assert_ne!(second.purchase_id, first.purchase_id);
}

#[test]
fn settings_that_let_anybody_sign_are_refused() {
    for secrets in [vec![], vec!["".into()], vec![SECRET.into(), "".into()]] {
        let refused = crate::webhooks::SigningSecrets::new(secrets);
        assert_eq!(refused.unwrap_err(), crate::StripeConfigError::WebhookSecret);
    }
}
