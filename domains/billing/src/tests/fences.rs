//! What the database itself refuses, whatever the code does.

use super::*;

#[tokio::test]
async fn the_api_can_neither_pay_nor_post_nor_read_what_stripe_sent() {
    let shop = Shop::open().await;
    shop.start().await;
    let (app, tenant) = (&shop.db.app, shop.tenant);
    assert!(allowed(app, tenant, "SELECT state FROM billing_purchases").await);
    for forbidden in [
        "UPDATE billing_purchases SET state = 'PAID'",
        "UPDATE billing_purchases SET price_minor = 1",
        "DELETE FROM billing_purchases",
        "INSERT INTO billing_ledger (tenant_id) VALUES (gen_random_uuid())",
        "SELECT 1 FROM billing_stripe_events",
        "UPDATE billing_stripe_events SET state = 'PROCESSED'",
        "INSERT INTO billing_stripe_events (tenant_id) VALUES (gen_random_uuid())",
        "SELECT 1 FROM billing_session_directory",
        "INSERT INTO billing_session_directory VALUES ('cs_1', gen_random_uuid(), gen_random_uuid())",
    ] {
        assert!(!allowed(app, tenant, forbidden).await, "{forbidden}");
    }
}

#[tokio::test]
async fn the_ledger_is_never_changed() {
    let shop = Shop::open().await;
    let (_, session) = shop.start().await;
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    for forbidden in ["UPDATE billing_ledger SET amount_minor = 1", "DELETE FROM billing_ledger"] {
        assert!(!allowed(&shop.db.worker, shop.tenant, forbidden).await);
        assert!(sqlx::query(forbidden).execute(&shop.db.admin).await.is_err());
    }
}

#[tokio::test]
async fn a_tenant_sees_only_its_own_events_and_purchases_and_takes_over_no_object() {
    let shop = Shop::open().await;
    let (_, session) = shop.start().await;
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    let other = shop.db.tenant("northside").await;
    let (mine, theirs) =
        (super::reading::events(&shop, shop.tenant), super::reading::events(&shop, other));
    // `payment_intent.created` concerns no purchase and so no tenant.
    assert_eq!((mine.await.len(), theirs.await.len()), (4, 0));
    let put: &'static str = Box::leak(
        format!("SELECT billing_directory_put('{session}', gen_random_uuid())").into_boxed_str(),
    );
    assert!(!allowed(&shop.db.app, other, put).await);
}
