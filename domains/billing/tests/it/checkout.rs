//! Opening payment pages.

use bk_billing::{Billing, BillingDeps, StripeConfigError, StripeSettings};
use bk_contracts::checkout::{Checkout, CheckoutError};
use bk_kernel::{Clock, UserId};
use bk_testing::fakes::{FakeAccounts, FakeTenants};
use chrono::TimeDelta;
use futures::{FutureExt, future::join_all};
use std::sync::Arc;
use uuid::Uuid;

use crate::fixture::{Fixture, Outcome, SECRET, session_of, settings};

#[actix_web::test]
async fn a_purchase_is_recorded_with_its_page_and_its_place_in_the_directory() {
    let fixture = Fixture::new().await;
    let (purchase, session) = fixture.start().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::unpaid("PENDING"));
    let known: Uuid = sqlx::query_scalar(
        "SELECT purchase_id FROM billing_session_directory WHERE stripe_object = $1",
    )
    .bind(&session)
    .fetch_one(&fixture.db.admin)
    .await
    .unwrap();
    assert_eq!(known, purchase.uuid());
    let kept = "SELECT count(*) FROM billing_purchases WHERE customer_email IS NOT NULL";
    assert_eq!(fixture.count(kept).await, 0, "the address is not kept");
}

#[actix_web::test]
async fn a_repeated_request_key_answers_the_same_page() {
    let fixture = Fixture::new().await;
    let ctx = fixture.buying();
    let order = fixture.checkout(Some("key-1"));
    let first = fixture.billing.start_pack(&ctx, order.clone()).await.unwrap();
    assert_eq!(fixture.billing.start_pack(&ctx, order.clone()).await.unwrap(), first);

    let mut other_person = order.clone();
    other_person.user_id = UserId::new();
    let others = fixture.billing.start_pack(&ctx, other_person).await.unwrap();
    assert_ne!(others.purchase_id, first.purchase_id, "keys belong to people");
}

#[actix_web::test]
async fn ten_equal_requests_at_once_open_one_page() {
    let fixture = Fixture::new().await;
    let ctx = fixture.buying();
    let order = fixture.checkout(Some("key-1"));
    let all = join_all((0..10).map(|_| fixture.billing.start_pack(&ctx, order.clone()))).await;
    let first = all[0].as_ref().unwrap();
    assert!(all.iter().all(|one| one.as_ref().unwrap() == first));
    assert_eq!(fixture.count("SELECT count(*) FROM billing_purchases").await, 1);
    assert_eq!(fixture.count("SELECT count(*) FROM billing_session_directory").await, 1);
}

#[actix_web::test]
async fn a_checkout_interrupted_anywhere_goes_on_where_it_stopped() {
    let fixture = Fixture::new().await;
    let ctx = fixture.buying();
    for polls in 1..12 {
        let order = fixture.checkout(Some("key-1"));
        {
            let mut killed = Box::pin(fixture.billing.start_pack(&ctx, order.clone()));
            for _ in 0..polls {
                if killed.as_mut().now_or_never().is_some() {
                    break;
                }
                // Lets everything that was started proceed by one step.
                tokio::task::yield_now().await;
            }
        }
        let resumed = fixture.billing.start_pack(&ctx, order.clone()).await.unwrap();
        assert_eq!(fixture.billing.start_pack(&ctx, order).await.unwrap(), resumed);
        fixture.pay(&session_of(&resumed));
    }
    assert_eq!(fixture.count("SELECT count(*) FROM billing_purchases").await, 11);
    assert_eq!(fixture.count("SELECT count(*) FROM billing_session_directory").await, 11);
}

#[actix_web::test]
async fn when_stripe_is_away_nothing_is_charged_and_the_same_key_resumes() {
    let fixture = Fixture::new().await;
    let ctx = fixture.buying();
    let order = fixture.checkout(Some("key-1"));
    let refused = fixture.without_stripe().start_pack(&ctx, order.clone()).await;
    assert!(matches!(refused, Err(CheckoutError::Provider)));
    fixture.billing.start_pack(&ctx, order).await.unwrap();
    assert_eq!(fixture.count("SELECT count(*) FROM billing_purchases").await, 1);
}

#[actix_web::test]
async fn a_purchase_that_never_got_its_page_is_cancelled_and_its_key_starts_another() {
    let fixture = Fixture::new().await;
    let ctx = fixture.buying();
    let order = fixture.checkout(Some("key-1"));
    let first = fixture.billing.start_pack(&ctx, order.clone()).await.unwrap();
    let forget =
        "UPDATE billing_purchases SET stripe_session_id = NULL, checkout_url = NULL WHERE id = $1";
    fixture.tamper(forget, first.purchase_id).await;
    fixture.reconcile_after(TimeDelta::minutes(61)).await;
    assert_eq!(fixture.outcome(first.purchase_id).await, Outcome::unpaid("CANCELLED"));
    let second = fixture.billing.start_pack(&ctx, order).await.unwrap();
    assert_ne!(second.purchase_id, first.purchase_id);
}

#[actix_web::test]
async fn settings_that_let_anybody_report_a_payment_are_refused() {
    let fixture = Fixture::new().await;
    for secrets in [vec![], vec!["".into()], vec![SECRET.into(), "".into()]] {
        let stripe =
            StripeSettings { webhook_secrets: secrets, ..settings("http://127.0.0.1:9", false) };
        let refused = Billing::new(BillingDeps {
            db: fixture.db.app.clone(),
            clock: Clock::system(),
            signing_clock: Clock::system(),
            stripe,
            accounts: Arc::new(FakeAccounts::default()),
            tenants: Arc::new(FakeTenants::default()),
        });
        assert_eq!(refused.unwrap_err(), StripeConfigError::WebhookSecret);
    }
}
