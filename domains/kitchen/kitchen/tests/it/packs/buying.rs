//! Buying, granting and correcting packs, and what the database itself refuses.

use bk_contracts::facts::Fact;
use bk_guard::Domain as _;
use bk_kernel::{OperationContext, PackId, PackProductId, RequestId};
use bk_kitchen_accounts::accounts::AccountStatus;
use bk_kitchen_core::MealSize;
use bk_kitchen_wallet::packs::{
    self, AdjustPack, BuyPack, BuyPackError, PackError, PackStatus, PacksError, adjust_pack,
    buy_pack,
};
use bk_persistence::{DbError, outbox::Relay};

use crate::fixture::{Customer, Fixture, acting, fakes::RETURN_ORIGIN, friday};

async fn adjust(
    kitchen: &Fixture,
    customer: &Customer,
    pack: PackId,
    delta: i32,
) -> Result<packs::Pack, PacksError> {
    let ctx = acting(&kitchen.owner);
    let adjust = AdjustPack {
        account_id: customer.account.id,
        pack_id: pack,
        delta,
        reason: "Two meals arrived damaged".to_owned(),
    };
    kitchen
        .kitchen
        .state()
        .db()
        .transaction(&ctx, (ctx.clone(), adjust), async |tx, (ctx, adjust)| {
            adjust_pack(&ctx, &tx, adjust).await.map(|adjusted| adjusted.pack)
        })
        .await
}

async fn first_pack(kitchen: &Fixture, customer: &Customer) -> PackId {
    kitchen.held_packs(customer).await[0].pack.id
}

async fn buy(
    kitchen: &Fixture,
    customer: &Customer,
    change: impl FnOnce(&mut BuyPack),
) -> Result<(), BuyPackError> {
    let mut requested = BuyPack {
        product_id: kitchen.product,
        success_url: format!("{RETURN_ORIGIN}/thanks?a=b"),
        cancel_url: format!("{RETURN_ORIGIN}/packs"),
        request_key: Some("key".to_owned()),
    };
    change(&mut requested);
    let ctx = acting(&customer.actor);
    buy_pack(&ctx, kitchen.kitchen.state(), requested).await.map(drop)
}

#[tokio::test]
async fn a_payment_reported_twice_grants_one_pack() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer("sam").await;
    let paid = kitchen.paid(sam.account.id, MealSize::G300, 10);
    // Through the outbox, as the worker, and once more by hand.
    for _ in 0..2 {
        let fact = Fact::PurchasePaid(paid.clone());
        let ctx = OperationContext::system(kitchen.tenant, RequestId::new(), friday());
        let published: Result<(), DbError> = kitchen
            .kitchen
            .state()
            .db()
            .transaction(&ctx, (ctx.clone(), fact), async |tx, (ctx, fact)| {
                fact.publish(&ctx, &tx).await
            })
            .await;
        published.unwrap();
    }
    let clock = kitchen.kitchen.state().deps().clock.clone();
    let relay = Relay::new(kitchen.db.worker.clone(), kitchen.kitchen.fact_handlers(), clock);
    assert_eq!(relay.drain_once().await.unwrap(), 2);
    kitchen.grant(paid).await.unwrap();
    assert_eq!(kitchen.packs(&sam).await, [(10, "ACTIVE".to_owned())]);
    assert_eq!(kitchen.count("SELECT count(*) FROM kitchen_pack_events").await, 1);
}

#[tokio::test]
async fn a_correction_is_an_event_with_a_reason_and_never_goes_below_zero() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let pack = first_pack(&kitchen, &sam).await;
    assert_eq!(adjust(&kitchen, &sam, pack, 2).await.unwrap().meals_remaining, 12);
    let emptied = adjust(&kitchen, &sam, pack, -12).await.unwrap();
    assert_eq!((emptied.meals_remaining, emptied.status), (0, PackStatus::Exhausted));
    let refused = adjust(&kitchen, &sam, pack, -1).await;
    assert!(matches!(refused, Err(PacksError::Pack(PackError::NotEnough { remaining: 0 }))));
    let refused = adjust(&kitchen, &sam, pack, 0).await;
    assert!(matches!(refused, Err(PacksError::Pack(PackError::Meals))));
    // A meal makes an exhausted pack active again.
    adjust(&kitchen, &sam, pack, 1).await.unwrap();
    assert_eq!(kitchen.packs(&sam).await, [(1, "ACTIVE".to_owned())]);
    let reasons = "SELECT count(*) FROM kitchen_pack_events
                    WHERE kind = 'ADJUSTED' AND reason = 'Two meals arrived damaged'";
    assert_eq!(kitchen.count(reasons).await, 3);
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'pack.adjusted'";
    assert_eq!(kitchen.count(audited).await, 3);
    assert_eq!(kitchen.unbalanced_packs().await, 0);
}

#[tokio::test]
async fn a_pack_of_another_account_is_not_corrected() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    let alex = kitchen.customer_with_pack("alex", 10).await;
    let pack = first_pack(&kitchen, &sam).await;
    let refused = adjust(&kitchen, &alex, pack, 5).await;
    assert!(matches!(refused, Err(PacksError::NotFound)));
}

/// What Postgres answers the application's role, in the tenant.
async fn as_the_application(kitchen: &Fixture, sql: &str) -> String {
    let mut tx = kitchen.db.admin.begin().await.unwrap();
    let tenant = kitchen.tenant.uuid();
    let enter = format!("SET LOCAL ROLE bk_app; SET LOCAL app.tenant_id = '{tenant}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(enter)).execute(&mut *tx).await.unwrap();
    match sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await {
        Ok(done) => format!("{} rows", done.rows_affected()),
        Err(sqlx::Error::Database(refused)) => refused.code().unwrap().into_owned(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_application_itself_cannot_write_what_packs_hold() {
    const DENIED: &str = "42501";
    let kitchen = Fixture::without_menu().await;
    kitchen.customer_with_pack("sam", 10).await;
    for sql in [
        "UPDATE kitchen_packs SET meals_remaining = 99",
        "UPDATE kitchen_packs SET status = 'ACTIVE'",
        "UPDATE kitchen_packs SET meals_total = 99",
        "DELETE FROM kitchen_packs",
        "INSERT INTO kitchen_packs (tenant_id, id, meals_remaining) VALUES (gen_random_uuid(), gen_random_uuid(), 5)",
        "UPDATE kitchen_pack_events SET delta = 99",
        "DELETE FROM kitchen_pack_events",
        "TRUNCATE kitchen_pack_events",
    ] {
        assert_eq!(as_the_application(&kitchen, sql).await, DENIED, "{sql}");
    }
    // It sees its rows, so it was no empty table that refused.
    let title = "UPDATE kitchen_packs SET title = title";
    assert_eq!(as_the_application(&kitchen, title).await, "1 rows");
}

#[tokio::test]
async fn buying_names_the_account_the_product_and_its_price() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer("sam").await;
    buy(&kitchen, &sam, |_| ()).await.unwrap();
    let asked = kitchen.checkout.started().pop().unwrap();
    assert_eq!((asked.account_id, asked.user_id), (sam.account.id, sam.actor.user_id));
    assert_eq!((asked.product_id, asked.meals, asked.meal_size_g), (kitchen.product, 10, 300));
    assert_eq!((asked.price.amount_minor, asked.price.currency.as_str()), (13_000, "AUD"));
    assert_eq!(asked.email, "sam@customer.example");
    assert_eq!(asked.request_key.as_deref(), Some("key"));
    // Nothing is granted before the payment is verified.
    assert!(kitchen.packs(&sam).await.is_empty());
}

#[tokio::test]
async fn a_payment_page_returns_only_to_known_origins() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer("sam").await;
    buy(&kitchen, &sam, |requested| requested.success_url = "http://localhost:3000/ok".to_owned())
        .await
        .unwrap();
    for refused_url in [
        "https://shop.example.evil.test/",
        "http://shop.example/",
        "https://shop.example:444/",
        "https://shop.example@evil.test/",
        "//shop.example/",
        "javascript:alert(1)",
    ] {
        let refused =
            buy(&kitchen, &sam, |requested| requested.success_url = refused_url.to_owned()).await;
        assert!(
            matches!(refused, Err(BuyPackError::ReturnUrl { field: "success_url" })),
            "{refused_url}"
        );
        let refused =
            buy(&kitchen, &sam, |requested| requested.cancel_url = refused_url.to_owned()).await;
        assert!(
            matches!(refused, Err(BuyPackError::ReturnUrl { field: "cancel_url" })),
            "{refused_url}"
        );
    }
    assert_eq!(kitchen.checkout.started().len(), 1);
}

#[tokio::test]
async fn only_an_active_account_buys_what_is_on_offer() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer("sam").await;
    let unknown = PackProductId::new();
    let refused = buy(&kitchen, &sam, |requested| requested.product_id = unknown).await;
    assert!(matches!(refused, Err(BuyPackError::NotFound)));
    kitchen.sql("UPDATE kitchen_pack_products SET active = false").await;
    assert!(matches!(buy(&kitchen, &sam, |_| ()).await, Err(BuyPackError::NotFound)));
    kitchen.sql("UPDATE kitchen_accounts SET status = 'SUSPENDED'").await;
    let refused = buy(&kitchen, &sam, |_| ()).await;
    assert!(matches!(refused, Err(BuyPackError::Account(AccountStatus::Suspended))));
    let stranger = Customer { actor: kitchen.owner.clone(), ..sam };
    let actor = crate::fixture::client(kitchen.tenant, stranger.actor.user_id);
    let refused = buy(&kitchen, &Customer { actor, ..stranger }, |_| ()).await;
    assert!(matches!(refused, Err(BuyPackError::NotFound)));
    assert!(kitchen.checkout.started().is_empty());
}
