//! Refunds: amounts, events, and charges that cannot be refunded.

use super::support::{Api, start};

async fn paid_intent(api: &Api, sim: &bk_stripe_sim::SimHandle) -> String {
    let session = api.new_session().await;
    sim.pay(&session).unwrap();
    api.get(&format!("/v1/checkout/sessions/{session}")).await.text("/payment_intent").to_owned()
}

#[actix_web::test]
async fn partial_refunds_add_up_and_never_exceed_the_charge() {
    let sim = start();
    let api = Api::of(&sim);
    let intent = paid_intent(&api, &sim).await;
    let first = [("payment_intent", intent.as_str()), ("amount", "2900"), ("metadata[order]", "7")];
    let first = api.post("/v1/refunds", &first, None).await;
    assert_eq!((first.status, first.text("/status")), (200, "succeeded"));
    assert_eq!(first.text("/metadata/order"), "7");
    assert!(first.text("/payment_method").starts_with("pm_"));
    let too_much = [("payment_intent", intent.as_str()), ("amount", "10001")];
    let rejected = api.post("/v1/refunds", &too_much, None).await;
    assert_eq!((rejected.status, rejected.text("/error/param")), (400, "amount"));
    let rest = api.post("/v1/refunds", &[("payment_intent", &intent)], None).await;
    assert_eq!(rest.body["amount"], 10_000);
    let again = api.post("/v1/refunds", &[("payment_intent", &intent)], None).await;
    assert_eq!(again.text("/error/code"), "charge_already_refunded");
    let charge = api.get(&format!("/v1/charges/{}?expand[]=refunds", rest.text("/charge"))).await;
    assert_eq!(charge.body["amount_refunded"], 12_900);
    assert_eq!(charge.body["refunded"], true);
    assert_eq!(charge.body["refunds"]["data"].as_array().unwrap().len(), 2);
    let list = api.get(&format!("/v1/refunds?payment_intent={intent}")).await;
    assert_eq!(list.body["data"].as_array().unwrap().len(), 2);
    let transaction = format!("/v1/balance_transactions/{}", rest.text("/balance_transaction"));
    assert_eq!(api.get(&transaction).await.body["net"], -10_000);
}

#[actix_web::test]
async fn each_refund_causes_its_three_events() {
    let sim = start();
    let api = Api::of(&sim);
    let intent = paid_intent(&api, &sim).await;
    let before = sim.events().len();
    api.post("/v1/refunds", &[("payment_intent", &intent)], Some("refund-1")).await;
    api.post("/v1/refunds", &[("payment_intent", &intent)], Some("refund-1")).await;
    let events = sim.events();
    let new: Vec<_> = events[before..].iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(new, ["refund.created", "charge.refunded", "refund.updated"]);
    assert_eq!(events[before].idempotency_key.as_deref(), Some("refund-1"));
}

#[actix_web::test]
async fn a_payment_that_did_not_succeed_cannot_be_refunded() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    sim.decline(&session).unwrap();
    let intent = api.get(&format!("/v1/checkout/sessions/{session}")).await;
    let form = [("payment_intent", intent.text("/payment_intent"))];
    assert_eq!(api.post("/v1/refunds", &form, None).await.status, 400);
    assert_eq!(api.post("/v1/refunds", &[("payment_intent", "pi_x")], None).await.status, 404);
    assert_eq!(api.post("/v1/refunds", &[], None).await.text("/error/code"), "parameter_missing");
    let paid = paid_intent(&api, &sim).await;
    for amount in ["0", "-5", "x", "9223372036854775808"] {
        let form = [("payment_intent", paid.as_str()), ("amount", amount)];
        assert_eq!(api.post("/v1/refunds", &form, None).await.status, 400, "{amount}");
    }
}
