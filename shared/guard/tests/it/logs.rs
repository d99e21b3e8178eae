//! What is written down, and what never is.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::fixture::{Fixture, get, json, post, send};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Page {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self, target: &str) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|line| line["target"] == target)
            .collect()
    }
}

fn capture() -> (Page, tracing::subscriber::DefaultGuard) {
    let page = Page::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(page.clone())
        .finish();
    (page, tracing::subscriber::set_default(subscriber))
}

#[actix_web::test]
async fn every_request_leaves_one_line_without_secrets() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let (page, _capturing) = capture();
    let body = r#"{"name":"canary-body"}"#;
    let req = fixture
        .browser("clara", json(post("/api/v1/client/things?token=canary-query"), body))
        .insert_header(("idempotency-key", "canary-key"))
        .insert_header(("authorization", "Bearer canary-bearer"))
        .insert_header(("x-csrf-token", "canary-csrf"));
    assert_eq!(send(&app, req).await.code(), "CSRF_INVALID");
    let req = fixture
        .browser("clara", json(post("/api/v1/client/things?token=canary-query"), body))
        .insert_header(("idempotency-key", "canary-key"));
    assert_eq!(send(&app, req).await.status, 201);
    assert_eq!(send(&app, get("/nope/canary-path")).await.status, 404);
    let unknown = get("/api/v1/client/things/1")
        .insert_header(("cookie", "bk_client_session=canary-session"));
    assert_eq!(send(&app, unknown).await.status, 401);
    let text = page.text();
    assert!(!text.contains("canary"), "{text}");
    assert!(!text.contains("clara"), "{text}");
    let lines = page.lines("access");
    assert_eq!(lines.len(), 4);
    let made = &lines[1]["fields"];
    assert_eq!(made["route"], "/api/v1/client/things");
    assert_eq!(made["method"], "POST");
    assert_eq!(made["status"], 201);
    assert_eq!(made["surface"], "client");
    assert_eq!(made["tenant_id"], fixture.alpha.to_string());
    assert_eq!(made["ip"], "192.0.2.1");
    assert!(made["bytes"].as_u64().unwrap() > 0);
    assert!(made["duration_us"].is_u64() && made["user_id"].is_string());
    assert_eq!(lines[2]["fields"]["route"], "unmatched");
}

#[actix_web::test]
async fn a_refusal_is_a_security_event_and_a_missing_page_is_not() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let (page, _capturing) = capture();
    send(&app, fixture.browser("cleo", get("/api/v1/client/things/7"))).await;
    send(&app, get("/nope")).await;
    let events = page.lines("security");
    assert_eq!(events.len(), 1);
    let event = &events[0]["fields"];
    assert_eq!(event["event"], "permission.refused");
    assert_eq!(event["code"], "FORBIDDEN");
    assert_eq!(event["tenant_id"], fixture.alpha.to_string());
    assert!(event["session_id"].is_string());
    assert_eq!(page.lines("access")[0]["fields"]["code"], "FORBIDDEN");
}

#[actix_web::test]
async fn an_internal_error_is_logged_with_its_cause_under_the_request_id() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let (page, _capturing) = capture();
    let answer = send(&app, fixture.browser("clara", get("/api/v1/client/fails"))).await;
    let id = answer.header("x-request-id").unwrap();
    let text = page.text();
    let line = text.lines().find(|line| line.contains("on fire")).unwrap();
    assert!(line.contains(id), "{line}");
    // The panic's own words stay out of our lines.
    send(&app, fixture.browser("clara", get("/api/v1/client/panics"))).await;
    assert!(!page.text().contains("hunter2"));
}
