//! Stages 2 and 3: preflights and origins.

use actix_web::{http::Method, test::TestRequest};

use bk_kernel::Environment;

use crate::fixture::{Answer, Fixture, get, peer, post_json, send};

const THINGS: &str = "/api/v1/client/things";
const LOGIN: &str = "/api/v1/client/auth/login";

fn preflight(path: &str, origin: &str) -> TestRequest {
    TestRequest::with_uri(path)
        .method(Method::OPTIONS)
        .peer_addr(peer("192.0.2.1"))
        .insert_header(("origin", origin))
        .insert_header(("access-control-request-method", "POST"))
}

fn allowed_origin(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

#[actix_web::test]
async fn a_preflight_of_a_known_origin_ends_at_the_guard() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer = send(&app, preflight("/api/v1/client/things/7", "https://app.alpha.test")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(allowed_origin(&answer), Some("https://app.alpha.test"));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, PUT"));
    assert!(answer.header("access-control-max-age").is_some());
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("x-csrf-token") && !headers.contains("authorization"));
    assert!(answer.header("vary").unwrap().contains("Origin"));
    let admin = send(&app, preflight("/api/v1/admin/things", "https://admin.beta.test")).await;
    assert!(admin.header("access-control-allow-headers").unwrap().contains("authorization"));
}

#[actix_web::test]
async fn a_preflight_of_an_unknown_origin_gets_no_permission() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for origin in [
        "https://evil.test",
        "null",
        "https://app.alpha.test.evil.test",
        "http://app.alpha.test",
        "https://APP.alpha.test",
        "https://app.alpha.test:444",
        // Of another surface.
        "https://admin.alpha.test",
    ] {
        let answer = send(&app, preflight(THINGS, origin)).await;
        assert_eq!(answer.code(), "ORIGIN_REJECTED", "{origin}");
        assert_eq!(allowed_origin(&answer), None);
        assert_eq!(answer.header("access-control-allow-methods"), None);
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    assert_eq!(send(&app, preflight("/nope", "https://app.alpha.test")).await.code(), "NOT_FOUND");
    let webhook = send(&app, preflight("/webhooks/stripe", "https://app.alpha.test")).await;
    assert_eq!(webhook.code(), "ORIGIN_REJECTED");
}

#[actix_web::test]
async fn an_answer_names_the_allowed_origin_even_when_it_is_a_refusal() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let req = get("/api/v1/client/auth/me").insert_header(("origin", "https://app.alpha.test"));
    let answer = send(&app, req).await;
    assert_eq!(answer.code(), "AUTH_REQUIRED");
    assert_eq!(allowed_origin(&answer), Some("https://app.alpha.test"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("etag"));
}

#[actix_web::test]
async fn a_change_must_say_where_it_comes_from() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    assert_eq!(send(&app, post_json(LOGIN)).await.code(), "ORIGIN_REJECTED");
    let cross = post_json(LOGIN).insert_header(("sec-fetch-site", "cross-site"));
    assert_eq!(send(&app, cross).await.code(), "ORIGIN_REJECTED");
    let same = post_json(LOGIN).insert_header(("sec-fetch-site", "same-origin"));
    assert_eq!(send(&app, same).await.status, 200);
    for origin in ["https://app.beta.test", "http://localhost:3000", "http://localhost:8080"] {
        let known = post_json(LOGIN).insert_header(("origin", origin));
        assert_eq!(send(&app, known).await.status, 200, "{origin}");
    }
    let twice = post_json(LOGIN)
        .append_header(("origin", "https://app.alpha.test"))
        .append_header(("origin", "https://app.alpha.test"));
    assert_eq!(send(&app, twice).await.code(), "ORIGIN_REJECTED");
}

#[actix_web::test]
async fn another_tenants_app_cannot_use_this_tenants_session() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let own = fixture.browser("clara", post_json(THINGS));
    assert_eq!(send(&app, own).await.status, 201);
    for req in [post_json(THINGS), get("/api/v1/client/auth/me")] {
        let foreign =
            fixture.browser("clara", req).insert_header(("origin", "https://app.beta.test"));
        let answer = send(&app, foreign).await;
        assert_eq!(answer.code(), "ORIGIN_REJECTED");
        assert_eq!(allowed_origin(&answer), None);
    }
    let beta = fixture
        .browser("bert", post_json(THINGS))
        .insert_header(("origin", "https://app.beta.test"));
    assert_eq!(send(&app, beta).await.status, 201);
}

#[actix_web::test]
async fn a_read_from_a_foreign_page_is_refused_on_cookie_surfaces() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let req = fixture
        .browser("clara", get("/api/v1/client/auth/me"))
        .insert_header(("origin", "https://evil.test"));
    let answer = send(&app, req).await;
    assert_eq!(answer.code(), "ORIGIN_REJECTED");
    assert_eq!(allowed_origin(&answer), None);
}

#[actix_web::test]
async fn production_does_not_know_the_developers_origins() {
    let fixture = Fixture::with(|config| config.environment = Environment::Production).await;
    let app = fixture.app().await;
    let req = post_json(LOGIN).insert_header(("origin", "http://localhost:3000"));
    assert_eq!(send(&app, req).await.code(), "ORIGIN_REJECTED");
}

#[actix_web::test]
async fn a_site_may_be_called_from_its_own_tenants_pages() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let ask = |slug: &str, origin| {
        post_json(&format!("/api/v1/site/{slug}/enquiries")).insert_header(("origin", origin))
    };
    let own = send(&app, ask("alpha", "https://www.alpha.test")).await;
    assert_eq!(own.status, 200);
    assert_eq!(allowed_origin(&own), Some("https://www.alpha.test"));
    assert_eq!(own.header("access-control-allow-credentials"), None);
    for (slug, origin) in [
        ("alpha", "https://www.beta.test"),
        ("beta", "https://www.alpha.test"),
        ("stranger", "https://www.alpha.test"),
        ("alpha", "https://app.alpha.test"),
    ] {
        assert_eq!(
            send(&app, ask(slug, origin)).await.code(),
            "ORIGIN_REJECTED",
            "{slug} {origin}"
        );
    }
    let program = send(&app, post_json("/api/v1/site/alpha/enquiries")).await;
    assert_eq!(program.status, 200);
    let path = "/api/v1/site/alpha/enquiries";
    assert_eq!(send(&app, preflight(path, "https://www.alpha.test")).await.status, 204);
    assert_eq!(
        send(&app, preflight(path, "https://www.beta.test")).await.code(),
        "ORIGIN_REJECTED"
    );
    // Public to read, but not to foreign scripts.
    let foreign = get("/api/v1/site/alpha/menu").insert_header(("origin", "https://evil.test"));
    let answer = send(&app, foreign).await;
    assert_eq!((answer.status.as_u16(), allowed_origin(&answer)), (200, None));
}
