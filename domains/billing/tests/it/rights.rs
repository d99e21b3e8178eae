//! What the database itself refuses, whatever the code does.

use crate::fixture::Fixture;

#[actix_web::test]
async fn the_api_can_neither_pay_nor_post_nor_read_what_stripe_sent() {
    let fixture = Fixture::new().await;
    fixture.start().await;
    let (app, tenant) = (&fixture.db.app, fixture.tenant);
    assert!(fixture.allows(app, tenant, "SELECT state FROM billing_purchases").await);
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
        assert!(!fixture.allows(app, tenant, forbidden).await, "{forbidden}");
    }
}

#[actix_web::test]
async fn the_ledger_is_never_changed() {
    let fixture = Fixture::new().await;
    fixture.paid_purchase().await;
    for forbidden in ["UPDATE billing_ledger SET amount_minor = 1", "DELETE FROM billing_ledger"] {
        assert!(!fixture.allows(&fixture.db.worker, fixture.tenant, forbidden).await);
        assert!(sqlx::query(forbidden).execute(&fixture.db.admin).await.is_err());
    }
}

#[actix_web::test]
async fn a_tenant_takes_over_no_object_of_another() {
    let fixture = Fixture::new().await;
    let (_, session) = fixture.start().await;
    let put = format!("SELECT billing_directory_put('{session}', gen_random_uuid())");
    assert!(!fixture.allows(&fixture.db.app, fixture.other_tenant, put).await);
}
