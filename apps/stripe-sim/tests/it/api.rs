//! Authentication, headers, rejected requests, products, prices, customers and lists.

use super::support::{Api, KEY, send, session_form, start};

#[actix_web::test]
async fn only_test_keys_are_accepted() {
    let sim = start();
    let api = Api::of(&sim);
    let url = format!("{}/v1/customers", api.base);
    for request in [
        api.http.get(&url),
        api.http.get(&url).bearer_auth("sk_live_1234567890"),
        api.http.get(&url).bearer_auth("sk_test_"),
        api.http.get(&url).header("authorization", "Digest sk_test_x"),
    ] {
        let response = send(request).await;
        assert_eq!(response.status, 401);
        assert_eq!(response.text("/error/type"), "invalid_request_error");
        assert!(!response.text("/error/message").contains("1234567890"));
        assert!(response.headers.contains_key("www-authenticate"));
    }
    assert_eq!(send(api.http.get(&url).basic_auth(KEY, None::<&str>)).await.status, 200);
}

#[actix_web::test]
async fn the_version_is_echoed_and_every_response_has_a_request_id() {
    let sim = start();
    let api = Api::of(&sim);
    let request = api.http.get(format!("{}/v1/events", api.base)).bearer_auth(KEY);
    let response = send(request.header("stripe-version", "2024-06-20")).await;
    assert_eq!(response.headers["stripe-version"], "2024-06-20");
    assert!(response.headers["request-id"].to_str().unwrap().starts_with("req_"));
    let response = api.get("/v1/nothing").await;
    assert_eq!(response.status, 404);
    assert_eq!(response.headers["stripe-version"], bk_stripe_sim::API_VERSION);
    let request = api.http.get(format!("{}/v1/events", api.base)).bearer_auth(KEY);
    assert_eq!(send(request.header("stripe-version", "soon")).await.status, 400);
}

#[actix_web::test]
async fn a_connected_account_is_rejected() {
    let sim = start();
    let api = Api::of(&sim);
    let request = api.http.get(format!("{}/v1/events", api.base)).bearer_auth(KEY);
    let response = send(request.header("stripe-account", "acct_1")).await;
    assert_eq!((response.status, response.text("/error/code")), (403, "account_invalid"));
}

#[actix_web::test]
async fn a_body_that_is_not_a_form_is_rejected() {
    let sim = start();
    let api = Api::of(&sim);
    let request = api.http.post(format!("{}/v1/customers", api.base)).bearer_auth(KEY);
    let response = send(request.json(&serde_json::json!({"email": "a@example.com"}))).await;
    assert_eq!(response.status, 400);
}

#[actix_web::test]
async fn an_invalid_session_is_rejected_by_the_name_of_the_parameter() {
    let sim = start();
    let api = Api::of(&sim);
    let cases = [
        ("mode", Some("subscription"), "mode"),
        ("mode", None, "mode"),
        ("success_url", None, "success_url"),
        ("success_url", Some("javascript:alert(1)"), "success_url"),
        ("cancel_url", Some("/no"), "cancel_url"),
        ("line_items[0][quantity]", Some("0"), "line_items[0][quantity]"),
        (
            "line_items[0][price_data][unit_amount]",
            Some("1.5"),
            "line_items[0][price_data][unit_amount]",
        ),
        (
            "line_items[0][price_data][unit_amount]",
            Some("-1"),
            "line_items[0][price_data][unit_amount]",
        ),
        ("line_items[0][price_data][currency]", Some("xxx"), "line_items[0][price_data][currency]"),
        ("line_items[0][price]", Some("price_1"), "line_items[0][price]"),
        ("customer", Some("cus_unknown"), "customer"),
        ("expires_at", Some("5"), "expires_at"),
        ("expand[]", Some("secrets"), "expand"),
        ("colour", Some("red"), "colour"),
    ];
    for (name, value, param) in cases {
        let mut form = session_form();
        form.retain(|(key, _)| *key != name);
        form.extend(value.map(|value| (name, value)));
        let response = api.post("/v1/checkout/sessions", &form, None).await;
        assert_eq!(response.status, 400, "{name}={value:?}");
        assert_eq!(response.text("/error/param"), param, "{name}={value:?}");
    }
    assert!(api.get("/v1/checkout/sessions").await.body["data"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn a_session_can_use_an_existing_price() {
    let sim = start();
    let api = Api::of(&sim);
    let product = api.post("/v1/products", &[("name", "Pack of 40")], None).await;
    let price = [("product", product.text("/id")), ("currency", "aud"), ("unit_amount", "40000")];
    let price = api.post("/v1/prices", &price, None).await;
    assert_eq!(price.status, 200, "{:#}", price.body);
    let form = [
        ("mode", "payment"),
        ("success_url", "http://shop.test/ok"),
        ("line_items[0][price]", price.text("/id")),
        ("line_items[0][quantity]", "2"),
    ];
    let session = api.post("/v1/checkout/sessions", &form, None).await;
    assert_eq!(session.body["amount_total"], 80_000);
    let path = format!(
        "/v1/checkout/sessions/{}/line_items?expand[]=data.price.product",
        session.text("/id")
    );
    assert_eq!(api.get(&path).await.status, 400, "price is an object already and not expandable");
    let path = format!("/v1/prices/{}?expand[]=product", price.text("/id"));
    assert_eq!(api.get(&path).await.text("/product/name"), "Pack of 40");

    let off = format!("/v1/prices/{}", price.text("/id"));
    assert_eq!(api.post(&off, &[("active", "false")], None).await.body["active"], false);
    assert_eq!(api.post("/v1/checkout/sessions", &form, None).await.status, 400);
}

#[actix_web::test]
async fn lists_are_newest_first_and_paged_by_cursor() {
    let sim = start();
    let api = Api::of(&sim);
    let mut ids = Vec::new();
    for email in ["a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"] {
        ids.push(api.post("/v1/customers", &[("email", email)], None).await.text("/id").to_owned());
    }
    ids.reverse();
    let page = async |query: String| {
        let response = api.get(&format!("/v1/customers?{query}")).await;
        let rows = response.body["data"].as_array().unwrap().clone();
        let found: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        (found, response.body["has_more"].as_bool().unwrap())
    };
    assert_eq!(page("limit=2".to_owned()).await, (ids[..2].to_vec(), true));
    assert_eq!(
        page(format!("limit=2&starting_after={}", ids[1])).await,
        (ids[2..4].to_vec(), true)
    );
    assert_eq!(
        page(format!("limit=2&starting_after={}", ids[3])).await,
        (ids[4..].to_vec(), false)
    );
    assert_eq!(page(format!("limit=2&ending_before={}", ids[4])).await, (ids[2..4].to_vec(), true));
    assert_eq!(page(format!("limit=9&ending_before={}", ids[2])).await, (ids[..2].to_vec(), false));
    assert_eq!(page("email=c%40x.test".to_owned()).await, (vec![ids[2].clone()], false));
    assert_eq!(page("created[lt]=5".to_owned()).await, (Vec::new(), false));
    assert_eq!(api.get("/v1/customers?limit=0").await.status, 400);
    assert_eq!(api.get("/v1/customers?starting_after=cus_unknown").await.status, 400);
}

#[actix_web::test]
async fn an_update_merges_metadata_and_unsets_by_the_empty_string() {
    let sim = start();
    let api = Api::of(&sim);
    let form = [("name", "Kim"), ("metadata[a]", "1"), ("metadata[b]", "2")];
    let id = api.post("/v1/customers", &form, None).await.text("/id").to_owned();
    let change = [("name", ""), ("metadata[a]", ""), ("metadata[c]", "3")];
    let changed = api.post(&format!("/v1/customers/{id}"), &change, None).await;
    assert!(changed.body["name"].is_null());
    assert_eq!(changed.body["metadata"], serde_json::json!({"b": "2", "c": "3"}));
}
