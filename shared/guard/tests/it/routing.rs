//! Stages 1, 4, 11 and 12: routes, bodies, handlers, error responses.

use actix_web::{http::Method, test::TestRequest};

use bk_kernel::Environment;

use crate::fixture::{Fixture, get, json, peer, post, post_json, send};

const THING: &str = "/api/v1/client/things/7";

#[actix_web::test]
async fn a_guarded_route_is_served_with_the_headers_of_the_product() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer = send(&app, get("/healthz")).await;
    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("vary", "Origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("strict-transport-security"), None);
    assert_eq!(answer.header("ratelimit"), None);
}

#[actix_web::test]
async fn production_asks_for_tls_for_two_years_but_only_over_tls() {
    let fixture = Fixture::with(|config| config.environment = Environment::Production).await;
    let app = fixture.app().await;
    let from_proxy = |proto| {
        get("/healthz").peer_addr(peer("10.1.1.1")).insert_header(("x-forwarded-proto", proto))
    };
    let header = "strict-transport-security";
    assert!(send(&app, from_proxy("https")).await.header(header).is_some());
    assert!(send(&app, from_proxy("http")).await.header(header).is_none());
    let untrusted = get("/healthz").insert_header(("x-forwarded-proto", "https"));
    assert!(send(&app, untrusted).await.header(header).is_none());
}

#[actix_web::test]
async fn a_callers_uuid_is_kept_as_request_id_and_anything_else_replaced() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let id = "019ab0c2-7d1e-7f00-8000-00000000abcd";
    let kept = send(&app, get("/healthz").insert_header(("x-request-id", id))).await;
    assert_eq!(kept.header("x-request-id"), Some(id));
    for other in [
        "1",
        "<script>",
        "019ab0c27d1e7f008000000000000000",
        "00000000-0000-0000-0000-000000000000",
    ] {
        let answer = send(&app, get("/healthz").insert_header(("x-request-id", other))).await;
        let given = answer.header("x-request-id").unwrap();
        assert_ne!(given, other);
        assert_eq!(given.len(), 36);
    }
}

#[actix_web::test]
async fn a_stray_route_without_a_policy_is_not_found() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for path in ["/sneaky", "/api/v1/client/sneaky", "/nope", "/api/v1"] {
        assert_eq!(send(&app, get(path)).await.code(), "NOT_FOUND", "{path}");
    }
}

#[actix_web::test]
async fn other_spellings_of_a_path_are_not_found_and_an_encoded_segment_is_its_route() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for path in [
        "/api/v1/client/things/7/",
        "/api/v1/CLIENT/things/7",
        "//api/v1/client/things/7",
        "/api/v1/client//things/7",
        "/api/v1/client/things%2F7",
        "/healthz/",
    ] {
        assert_eq!(send(&app, get(path)).await.code(), "NOT_FOUND", "{path}");
    }
    // Spelled otherwise, but the same to the router; so the same policy applies.
    for path in ["/api/v1/client/things/%37", "/api/v1/cl%69ent/things/7"] {
        assert_eq!(send(&app, get(path)).await.code(), "AUTH_REQUIRED", "{path}");
        let answer = send(&app, fixture.browser("clara", get(path))).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
}

#[actix_web::test]
async fn another_method_is_refused_with_those_that_exist() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for method in [Method::HEAD, Method::DELETE, Method::OPTIONS, Method::TRACE, Method::PATCH] {
        let req = TestRequest::with_uri(THING).method(method.clone());
        let answer = send(&app, req).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, PUT"), "{method}");
    }
    assert_eq!(send(&app, post(THING)).await.code(), "METHOD_NOT_ALLOWED");
}

#[actix_web::test]
async fn a_path_parameter_that_does_not_parse_names_nothing() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer = send(&app, fixture.browser("clara", get("/api/v1/client/things/seven"))).await;
    assert_eq!(answer.code(), "NOT_FOUND");
}

#[actix_web::test]
async fn a_body_of_another_type_is_refused_and_parameters_of_the_type_are_not() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let path = "/api/v1/client/things";
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let req = fixture.browser("clara", post_json(path)).insert_header(("content-type", kind));
        assert_eq!(send(&app, req).await.code(), "UNSUPPORTED_MEDIA_TYPE", "{kind}");
    }
    let compressed =
        fixture.browser("clara", post_json(path)).insert_header(("content-encoding", "gzip"));
    assert_eq!(send(&app, compressed).await.code(), "UNSUPPORTED_MEDIA_TYPE");
    for kind in ["application/json; charset=utf-8", "APPLICATION/JSON"] {
        let req = fixture.browser("clara", post_json(path)).insert_header(("content-type", kind));
        assert_eq!(send(&app, req).await.status, 201, "{kind}");
    }
    assert_eq!(fixture.calls.made(), 2);
}

#[actix_web::test]
async fn a_body_that_does_not_announce_itself_still_needs_its_type() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let req = fixture.browser("clara", post("/api/v1/client/things").set_payload("{}"));
    assert_eq!(send(&app, req).await.code(), "UNSUPPORTED_MEDIA_TYPE");
}

#[actix_web::test]
async fn an_oversized_body_is_refused_whether_it_says_so_or_not() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let path = "/api/v1/client/small";
    let fits = fixture.browser("clara", json(post(path), &"x".repeat(64)));
    assert_eq!(send(&app, fits).await.json()["bytes"], 64);
    let announced = fixture.browser("clara", json(post(path), &"x".repeat(65)));
    assert_eq!(send(&app, announced).await.code(), "PAYLOAD_TOO_LARGE");
    let chunked = fixture
        .browser("clara", post(path))
        .insert_header(("content-type", "application/json"))
        .insert_header(("transfer-encoding", "chunked"))
        .set_payload("x".repeat(65));
    assert_eq!(send(&app, chunked).await.code(), "PAYLOAD_TOO_LARGE");
}

#[actix_web::test]
async fn malformed_json_and_refused_fields_have_different_codes() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let path = "/api/v1/client/things";
    let malformed = fixture.browser("clara", json(post(path), "{\"name\":"));
    assert_eq!(send(&app, malformed).await.code(), "BODY_MALFORMED");
    for (body, pointer, code) in [
        (r#"{"name":""}"#, "/name", "length"),
        (r#"{"name":7}"#, "/name", "type"),
        (r#"{"name":"a","x":1}"#, "/x", "unknown"),
    ] {
        let answer = send(&app, fixture.browser("clara", json(post(path), body))).await;
        assert_eq!(answer.code(), "INPUT_INVALID", "{body}");
        let problem = answer.json();
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
}

#[actix_web::test]
async fn the_webhook_gets_its_bytes_as_sent() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let body = format!("{{\"a\": \"{}\"}}", "x".repeat(300_000));
    let answer = send(&app, json(post("/webhooks/stripe"), &body)).await;
    assert_eq!(answer.json()["bytes"], body.len());
}

#[actix_web::test]
async fn a_failure_names_its_code_and_nothing_from_inside() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer = send(&app, fixture.browser("clara", get("/api/v1/client/fails"))).await;
    assert_eq!(answer.code(), "INTERNAL");
    assert!(!String::from_utf8_lossy(&answer.body).contains("fire"));
}

#[actix_web::test]
async fn a_panicking_handler_is_an_internal_problem_like_any_other() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer = send(&app, fixture.browser("clara", get("/api/v1/client/panics"))).await;
    assert_eq!(answer.code(), "INTERNAL");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
    assert_eq!(send(&app, get("/healthz")).await.status, 200);
}

#[actix_web::test]
async fn an_update_needs_the_version_it_read() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let put = || {
        let req = TestRequest::put().uri(THING).peer_addr(peer("192.0.2.1"));
        fixture.browser("clara", json(req, r#"{"name":"fork"}"#))
    };
    assert_eq!(send(&app, put()).await.code(), "PRECONDITION_FAILED");
    let stale = put().insert_header(("if-match", "\"6\""));
    assert_eq!(send(&app, stale).await.code(), "PRECONDITION_FAILED");
    let fresh = put().insert_header(("if-match", "\"7\""));
    assert_eq!(send(&app, fresh).await.status, 200);
    let read = send(&app, fixture.browser("clara", get(THING))).await;
    assert_eq!(read.header("etag"), Some("\"7\""));
}
