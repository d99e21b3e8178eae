//! Opening payment pages.

use bk_contracts::checkout::{Checkout, CheckoutError};
use chrono::TimeDelta;
use futures::{FutureExt, future::join_all};

use super::*;

#[tokio::test]
async fn a_purchase_is_recorded_with_its_page_and_its_place_in_the_directory() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::unpaid("PENDING"));
    let known: uuid::Uuid = sqlx::query_scalar(
        "SELECT purchase_id FROM billing_session_directory WHERE stripe_object = $1",
    )
    .bind(&session)
    .fetch_one(&shop.db.admin)
    .await
    .unwrap();
    assert_eq!(known, purchase.uuid());
    let kept = "SELECT count(*) FROM billing_purchases WHERE customer_email IS NOT NULL";
    assert_eq!(shop.count(kept).await, 0, "the address is not kept");
}

#[tokio::test]
async fn a_repeated_request_key_answers_the_same_page() {
    let shop = Shop::open().await;
    let order = shop.order(Some("key-1"));
    let first = shop.billing.start_pack(order.clone()).await.unwrap();
    assert_eq!(shop.billing.start_pack(order.clone()).await.unwrap(), first);

    let mut other_person = order.clone();
    other_person.user_id = UserId::new();
    let others = shop.billing.start_pack(other_person).await.unwrap();
    assert_ne!(others.purchase_id, first.purchase_id, "keys belong to people");
}

#[tokio::test]
async fn ten_equal_requests_at_once_open_one_page() {
    let shop = Shop::open().await;
    let order = shop.order(Some("key-1"));
    let all = join_all((0..10).map(|_| shop.billing.start_pack(order.clone()))).await;
    let first = all[0].as_ref().unwrap();
    assert!(all.iter().all(|one| one.as_ref().unwrap() == first));
    assert_eq!(shop.count("SELECT count(*) FROM billing_purchases").await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM billing_session_directory").await, 1);
}

#[tokio::test]
async fn a_checkout_interrupted_anywhere_goes_on_where_it_stopped() {
    let shop = Shop::open().await;
    for polls in 1..12 {
        let order = shop.order(Some("key-1"));
        {
            let mut killed = Box::pin(shop.billing.start_pack(order.clone()));
            for _ in 0..polls {
                if killed.as_mut().now_or_never().is_some() {
                    break;
                }
                // Lets everything that was started proceed by one step.
                tokio::task::yield_now().await;
            }
        }
        let resumed = shop.billing.start_pack(order.clone()).await.unwrap();
        assert_eq!(shop.billing.start_pack(order).await.unwrap(), resumed);
        shop.pay(&session_of(&resumed));
    }
    assert_eq!(shop.count("SELECT count(*) FROM billing_purchases").await, 11);
    assert_eq!(shop.count("SELECT count(*) FROM billing_session_directory").await, 11);
}

#[tokio::test]
async fn when_stripe_is_away_nothing_is_charged_and_the_same_key_resumes() {
    let shop = Shop::open().await;
    let order = shop.order(Some("key-1"));
    let away = Billing::new(BillingDeps {
        db: shop.db.app.clone(),
        clock: shop.clock.clone(),
        signing_clock: shop.clock.clone(),
        stripe: settings("http://127.0.0.1:9", false),
        accounts: shop.billing.accounts(),
        tenants: Arc::new(OneTenant(shop.tenant)),
    });
    let refused = away.unwrap().start_pack(order.clone()).await;
    assert!(matches!(refused, Err(CheckoutError::Provider)));
    shop.billing.start_pack(order).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM billing_purchases").await, 1);
}

#[tokio::test]
async fn a_purchase_that_never_got_its_page_is_cancelled_and_its_key_starts_another() {
    let shop = Shop::open().await;
    let order = shop.order(Some("key-1"));
    let first = shop.billing.start_pack(order.clone()).await.unwrap();
    let forget =
        "UPDATE billing_purchases SET stripe_session_id = NULL, checkout_url = NULL WHERE id = $1";
    shop.tamper(forget, first.purchase_id).await;
    shop.reconcile_after(TimeDelta::minutes(61)).await;
    assert_eq!(shop.outcome(first.purchase_id).await, Outcome::unpaid("CANCELLED"));
    let second = shop.billing.start_pack(order).await.unwrap();
    assert_ne!(second.purchase_id, first.purchase_id);
}

#[test]
fn settings_that_let_anybody_sign_are_refused() {
    for secrets in [vec![], vec!["".into()], vec![SECRET.into(), "".into()]] {
        let refused = crate::stripe_events::SigningSecrets::new(secrets);
        assert_eq!(refused.unwrap_err(), crate::StripeConfigError::WebhookSecret);
    }
}
