//! What customers and staff see of purchases and payments.

use bk_contracts::checkout::Checkout;
use bk_kernel::{AccountId, UserId};
use serde_json::{Value, json};

use crate::fixture::Fixture;

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn staff_see_purchases_with_their_money() {
    let fixture = Fixture::new().await;
    let paid = fixture.paid_purchase().await.to_string();
    let waiting = fixture.start().await.0.to_string();
    let staff = fixture.staff(fixture.tenant).await;
    let first = staff.get("/admin/billing/transactions?limit=1").await.ok();
    assert_eq!(ids(&first), [waiting.as_str()], "newest first");
    let next = first["next_cursor"].as_str().unwrap();
    let second = staff.get(&format!("/admin/billing/transactions?limit=1&cursor={next}")).await;
    let second = second.ok();
    assert_eq!((ids(&second), &second["next_cursor"]), (vec![paid.as_str()], &Value::Null));

    let account = fixture.account;
    let filter = format!("/admin/billing/transactions?state=PAID&account_id={account}");
    let filtered = staff.get(&filter).await.ok();
    assert_eq!(ids(&filtered), [paid.as_str()]);
    let found = staff.get(&format!("/admin/billing/transactions/{paid}")).await.ok();
    assert_eq!(found["state"], "PAID");
    let [entry] = found["entries"].as_array().unwrap().as_slice() else { unreachable!() };
    assert_eq!((&entry["kind"], &entry["amount"]), (&json!("PAYMENT"), &found["price"]));

    let stranger = fixture.staff(fixture.other_tenant).await;
    let path = format!("/admin/billing/transactions/{paid}");
    assert_eq!(stranger.get(&path).await.outcome(), "404 NOT_FOUND");
    let theirs = stranger.get("/admin/billing/transactions").await.ok();
    assert!(ids(&theirs).is_empty());
}

#[actix_web::test]
async fn customers_see_their_own_account_only() {
    let fixture = Fixture::new().await;
    let ctx = fixture.buying();
    let mine = fixture.start().await.0.to_string();
    let mut others = fixture.checkout(None);
    others.account_id = AccountId::new();
    fixture.billing.start_pack(&ctx, others).await.unwrap();
    let own = async |user| {
        let customer = fixture.customer(user).await;
        customer.get("/client/billing/transactions").await.ok()
    };
    assert_eq!(ids(&own(fixture.user).await), [mine.as_str()]);
    assert!(ids(&own(UserId::new()).await).is_empty());
}
