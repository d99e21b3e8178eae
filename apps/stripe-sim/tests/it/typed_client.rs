//! Every response and event decodes with `async-stripe`, a typed client of Stripe.

use std::collections::HashMap;
use std::time::Duration;

use stripe::{
    Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest as _,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ListLineItemsCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_core::customer::{CreateCustomer, RetrieveCustomer};
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_shared::{
    ApiErrorsCode, ChargeStatus, CheckoutSession, CheckoutSessionMode,
    CheckoutSessionPaymentStatus, CheckoutSessionStatus, PaymentIntentStatus,
};
use stripe_webhook::{EventObject, Webhook};

use super::support::{Api, start};

fn client(base: &str) -> Client {
    ClientBuilder::new("sk_test_typed")
        .url(format!("{base}/"))
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap()
}

async fn create(client: &Client, customer: Option<String>) -> Result<CheckoutSession, StripeError> {
    let price = CreateCheckoutSessionLineItemsPriceData {
        currency: "aud".parse().unwrap(),
        product: None,
        product_data: Some(ProductData::new("Pack of 20, 400 g")),
        recurring: None,
        tax_behavior: None,
        unit_amount: Some(4_500),
        unit_amount_decimal: None,
    };
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(2);
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    intent.metadata = Some(HashMap::from([("purchase_id".to_owned(), "p7".to_owned())]));
    let request = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .success_url("http://shop.test/ok?s={CHECKOUT_SESSION_ID}")
        .cancel_url("http://shop.test/no")
        .client_reference_id("ref-7")
        .line_items(vec![line])
        .metadata(HashMap::from([("tenant_id".to_owned(), "t7".to_owned())]))
        .payment_intent_data(intent);
    let request = match customer {
        Some(customer) => request.customer(customer),
        None => request,
    };
    let key = IdempotencyKey::new("checkout-t7").unwrap();
    request.customize().request_strategy(RequestStrategy::Idempotent(key)).send(client).await
}

#[actix_web::test]
async fn a_new_session_decodes_with_the_requested_values() {
    let sim = start();
    let client = client(sim.base_url());
    let customer = CreateCustomer::new().email("kim@example.com").send(&client).await.unwrap();
    let session = create(&client, Some(customer.id.to_string())).await.unwrap();
    assert!(session.id.as_str().starts_with("cs_test_"));
    assert_eq!(session.amount_total, Some(9_000));
    assert_eq!(session.amount_subtotal, Some(9_000));
    assert_eq!(session.mode, CheckoutSessionMode::Payment);
    assert_eq!(session.status, Some(CheckoutSessionStatus::Open));
    assert_eq!(session.payment_status, CheckoutSessionPaymentStatus::Unpaid);
    assert_eq!(session.client_reference_id.as_deref(), Some("ref-7"));
    assert_eq!(session.metadata.clone().unwrap()["tenant_id"], "t7");
    assert_eq!(session.url, Some(format!("{}/c/pay/{}", sim.base_url(), session.id)));
    assert_eq!(session.customer.unwrap().id(), &customer.id);
    assert_eq!(session.cancel_url.as_deref(), Some("http://shop.test/no"));
    assert_eq!(session.payment_method_types, ["card"]);
    assert!(session.payment_intent.is_none());
    assert!(!session.livemode);
    let again = RetrieveCustomer::new(customer.id.clone()).send(&client).await.unwrap();
    assert!(format!("{again:?}").contains("kim@example.com"));
}

#[actix_web::test]
async fn a_paid_session_expands_down_to_the_balance_transaction() {
    let sim = start();
    let client = client(sim.base_url());
    let session = create(&client, None).await.unwrap();
    sim.pay(session.id.as_str()).unwrap();
    let paid = RetrieveCheckoutSession::new(session.id.clone())
        .expand([
            "line_items".to_owned(),
            "payment_intent.latest_charge.balance_transaction".to_owned(),
        ])
        .send(&client)
        .await
        .unwrap();
    assert_eq!(paid.status, Some(CheckoutSessionStatus::Complete));
    assert_eq!(paid.payment_status, CheckoutSessionPaymentStatus::Paid);
    assert!(paid.url.is_none());
    let items = paid.line_items.unwrap();
    assert_eq!(items.data[0].description.as_deref(), Some("Pack of 20, 400 g"));
    assert_eq!(items.data[0].quantity, Some(2));
    assert_eq!(items.data[0].amount_total, 9_000);
    assert_eq!(items.data[0].price.as_ref().unwrap().unit_amount, Some(4_500));
    let intent = paid.payment_intent.unwrap().into_object().unwrap();
    assert_eq!(intent.status, PaymentIntentStatus::Succeeded);
    assert_eq!((intent.amount, intent.amount_received), (9_000, 9_000));
    assert_eq!(intent.metadata["purchase_id"], "p7");
    let charge = intent.latest_charge.unwrap().into_object().unwrap();
    assert_eq!(charge.status, ChargeStatus::Succeeded);
    assert_eq!((charge.amount, charge.amount_captured, charge.amount_refunded), (9_000, 9_000, 0));
    assert!(charge.paid && charge.captured && !charge.refunded);
    assert_eq!(charge.payment_intent.unwrap().id(), &intent.id);
    let card = charge.payment_method_details.unwrap().card.unwrap();
    assert_eq!(card.last4.as_deref(), Some("4242"));
    let transaction = charge.balance_transaction.unwrap().into_object().unwrap();
    assert_eq!((transaction.amount, transaction.fee, transaction.net), (9_000, 183, 8_817));
}

#[actix_web::test]
async fn a_payment_intent_and_the_line_items_decode_on_their_own() {
    let sim = start();
    let client = client(sim.base_url());
    let session = create(&client, None).await.unwrap();
    sim.pay(session.id.as_str()).unwrap();
    let paid = RetrieveCheckoutSession::new(session.id.clone()).send(&client).await.unwrap();
    let id = paid.payment_intent.unwrap().id().clone();
    let intent = RetrievePaymentIntent::new(id.clone()).send(&client).await.unwrap();
    assert_eq!(intent.id, id);
    assert_eq!(intent.currency.to_string(), "aud");
    assert!(intent.client_secret.unwrap().starts_with(&format!("{id}_secret_")));
    let items = ListLineItemsCheckoutSession::new(session.id).send(&client).await.unwrap();
    assert_eq!(items.data.len(), 1);
    assert!(!items.has_more);
}

#[actix_web::test]
async fn a_declined_payment_intent_decodes_with_its_error() {
    let sim = start();
    let client = client(sim.base_url());
    let session = create(&client, None).await.unwrap();
    sim.decline(session.id.as_str()).unwrap();
    let open = RetrieveCheckoutSession::new(session.id).send(&client).await.unwrap();
    assert_eq!(open.status, Some(CheckoutSessionStatus::Open));
    let id = open.payment_intent.unwrap().id().clone();
    let intent = RetrievePaymentIntent::new(id).send(&client).await.unwrap();
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    let error = intent.last_payment_error.unwrap();
    assert_eq!(error.code, Some(ApiErrorsCode::CardDeclined));
}

#[actix_web::test]
async fn errors_decode_with_their_code_and_status() {
    let sim = start();
    let client = client(sim.base_url());
    let error = RetrieveCheckoutSession::new("cs_test_nothing").send(&client).await.unwrap_err();
    let StripeError::Stripe(error, status) = error else { panic!("{error}") };
    assert_eq!(status, 404);
    assert_eq!(error.code, Some(ApiErrorsCode::ResourceMissing));
    assert_eq!(error.param.as_deref(), Some("session"));
}

#[actix_web::test]
async fn every_event_of_a_payment_a_decline_and_a_refund_is_a_typed_event() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    sim.decline(&session).unwrap();
    sim.pay(&session).unwrap();
    let paid = api.get(&format!("/v1/checkout/sessions/{session}")).await;
    let refund = [("payment_intent", paid.text("/payment_intent")), ("amount", "900")];
    assert_eq!(api.post("/v1/refunds", &refund, None).await.status, 200);
    sim.expire(&api.new_session().await).unwrap();
    let mut typed = Vec::new();
    for event in sim.events() {
        let payload = event.payload();
        let header = Webhook::generate_test_header(&payload, "whsec_x", None);
        let decoded = Webhook::construct_event(&payload, &header, "whsec_x").unwrap();
        assert_eq!(decoded.id.as_str(), event.id);
        assert_eq!(decoded.api_version.unwrap().to_string(), bk_stripe_sim::API_VERSION);
        let amount = match decoded.data.object {
            EventObject::CheckoutSessionCompleted(session)
            | EventObject::CheckoutSessionExpired(session) => session.amount_total.unwrap(),
            EventObject::PaymentIntentCreated(intent)
            | EventObject::PaymentIntentSucceeded(intent)
            | EventObject::PaymentIntentPaymentFailed(intent) => intent.amount,
            EventObject::ChargeSucceeded(charge)
            | EventObject::ChargeFailed(charge)
            | EventObject::ChargeUpdated(charge) => charge.amount,
            EventObject::ChargeRefunded(charge) => charge.amount_refunded,
            EventObject::RefundCreated(refund) | EventObject::RefundUpdated(refund) => {
                refund.amount
            }
            other => panic!("{other:?}"),
        };
        typed.push((event.kind, amount));
    }
    let expected = [
        ("payment_intent.created", 12_900),
        ("charge.failed", 12_900),
        ("payment_intent.payment_failed", 12_900),
        ("charge.succeeded", 12_900),
        ("payment_intent.succeeded", 12_900),
        ("checkout.session.completed", 12_900),
        ("charge.updated", 12_900),
        ("refund.created", 900),
        ("charge.refunded", 900),
        ("refund.updated", 900),
        ("checkout.session.expired", 12_900),
    ];
    let typed: Vec<_> = typed.iter().map(|(kind, amount)| (kind.as_str(), *amount)).collect();
    assert_eq!(typed, expected);
    let listed = api.get("/v1/events?limit=3&type=charge.*").await;
    let kinds: Vec<_> = (0..4).map(|n| listed.text(&format!("/data/{n}/type"))).collect();
    assert_eq!(kinds, ["charge.refunded", "charge.updated", "charge.succeeded", ""]);
    assert_eq!(listed.body["has_more"], true);
}
