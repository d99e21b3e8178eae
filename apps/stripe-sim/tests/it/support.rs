//! A simulator, an HTTP client for its API and an endpoint that receives its webhooks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use bk_stripe_sim::{Chaos, RetryPolicy, SimConfig, SimHandle, Simulator, WebhookTarget};
use serde_json::Value;

pub(crate) const SECRET: &str = "whsec_for_tests";
pub(crate) const KEY: &str = "sk_test_for_tests";

/// Starts a simulator without chaos and without an endpoint.
pub(crate) fn start() -> SimHandle {
    Simulator::start(without_chaos()).unwrap()
}

pub(crate) fn without_chaos() -> SimConfig {
    SimConfig { chaos: Chaos::none(), ..SimConfig::default() }
}

/// Starts a simulator that sends to `endpoint` and retries within milliseconds.
pub(crate) fn start_sending_to(endpoint: &Endpoint, chaos: Chaos) -> SimHandle {
    let retry = RetryPolicy {
        first_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(4),
        max_attempts: 5,
    };
    let config = SimConfig { webhook: Some(endpoint.target()), chaos, retry, ..without_chaos() };
    Simulator::start(config).unwrap()
}

/// Returns the parameters of a session for one pack at 129.00 AUD.
pub(crate) fn session_form() -> Vec<(&'static str, &'static str)> {
    vec![
        ("mode", "payment"),
        ("success_url", "http://shop.test/ok?session={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "http://shop.test/no"),
        ("client_reference_id", "purchase-1"),
        ("metadata[tenant_id]", "t1"),
        ("payment_intent_data[metadata][purchase_id]", "p1"),
        ("line_items[0][price_data][currency]", "aud"),
        ("line_items[0][price_data][unit_amount]", "12900"),
        ("line_items[0][price_data][product_data][name]", "Pack of 10"),
        ("line_items[0][quantity]", "1"),
    ]
}

pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Response {
    /// Returns the string at a JSON pointer; empty when there is none.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Api {
    pub(crate) fn of(sim: &SimHandle) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { base: sim.base_url().to_owned(), http }
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
        key: Option<&str>,
    ) -> Response {
        let mut request =
            self.http.post(format!("{}{path}", self.base)).bearer_auth(KEY).form(form);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        send(self.http.get(format!("{}{path}", self.base)).bearer_auth(KEY)).await
    }

    pub(crate) async fn new_session(&self) -> String {
        let response = self.post("/v1/checkout/sessions", &session_form(), None).await;
        assert_eq!(response.status, 200, "{:#}", response.body);
        response.text("/id").to_owned()
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Response {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    Response { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) signature: String,
    pub(crate) user_agent: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn field(&self, name: &str) -> String {
        let envelope: Value = serde_json::from_str(&self.body).unwrap();
        envelope.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

#[derive(Default)]
struct Inbox {
    received: Vec<Received>,
    /// Statuses that the next requests are answered with; 200 when there are none.
    statuses: VecDeque<u16>,
}

/// A webhook endpoint that records the requests it receives.
pub(crate) struct Endpoint {
    url: String,
    inbox: Arc<Mutex<Inbox>>,
}

impl Endpoint {
    pub(crate) fn start(statuses: impl IntoIterator<Item = u16>) -> Self {
        let statuses = statuses.into_iter().collect();
        let inbox = Arc::new(Mutex::new(Inbox { received: Vec::new(), statuses }));
        let shared = web::Data::from(Arc::clone(&inbox));
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).default_service(web::to(receive))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/webhooks/stripe", server.addrs()[0]);
        rt::spawn(server.run());
        Self { url, inbox }
    }

    pub(crate) fn target(&self) -> WebhookTarget {
        WebhookTarget { url: self.url.clone(), secret: SECRET.to_owned() }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.lock().unwrap().received.clone()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.received().iter().map(|received| received.field("type")).collect()
    }
}

async fn receive(
    inbox: web::Data<Mutex<Inbox>>,
    request: HttpRequest,
    body: String,
) -> HttpResponse {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let mut inbox = inbox.lock().unwrap();
    inbox.received.push(Received {
        signature: header("stripe-signature"),
        user_agent: header("user-agent"),
        content_type: header("content-type"),
        body,
    });
    let status = inbox.statuses.pop_front().unwrap_or(200);
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
}
