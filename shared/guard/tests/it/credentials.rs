//! Stages 6, 7 and 8: credentials, permissions, assurance, CSRF.

use actix_web::test::TestRequest;
use bk_guard::csrf;
use bk_kernel::Environment;

use crate::fixture::{Fixture, get, hash, peer, post_json, send};

const ME: &str = "/api/v1/client/auth/me";
const THINGS: &str = "/api/v1/client/things";

#[actix_web::test]
async fn without_a_credential_one_is_asked_for() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for path in [ME, "/api/v1/admin/things", "/api/v1/platform/tenants"] {
        assert_eq!(send(&app, get(path)).await.code(), "AUTH_REQUIRED", "{path}");
    }
    let removed = get(ME).insert_header(("cookie", "bk_client_session="));
    assert_eq!(send(&app, removed).await.code(), "AUTH_REQUIRED");
}

#[actix_web::test]
async fn an_unknown_session_is_refused() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for token in ["forged", "cl\u{e9}ra", &"x".repeat(600)] {
        let req = get(ME).insert_header(("cookie", format!("bk_client_session={token}")));
        assert_eq!(send(&app, req).await.code(), "AUTH_INVALID", "{token}");
    }
}

#[actix_web::test]
async fn aliases_and_duplicates_of_the_session_cookie_are_refused() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for cookies in [
        "bk_client_session=clara; bk_client_session=clara",
        "bk_client_session=clara; bk_client_csrf=a; bk_client_csrf=b",
        "bk_client_session=clara; bk%5Fclient_session=carl",
        "BK_client_session=clara",
        "bk_client_session=clara; bk_admin%5fsession=stan",
    ] {
        let req = get(ME).insert_header(("cookie", cookies));
        assert_eq!(send(&app, req).await.code(), "AUTH_INVALID", "{cookies}");
    }
    let fine = get(ME).insert_header(("cookie", "theme=dark; bk_client_session=clara; bk_x=1"));
    assert_eq!(send(&app, fine).await.status, 200);
}

#[actix_web::test]
async fn production_reads_only_cookies_with_the_host_prefix() {
    let fixture = Fixture::with(|config| config.environment = Environment::Production).await;
    let app = fixture.app().await;
    let bare = get(ME).insert_header(("cookie", "bk_client_session=clara"));
    assert_eq!(send(&app, bare).await.code(), "AUTH_REQUIRED");
    let prefixed = get(ME).insert_header(("cookie", "__Host-bk_client_session=clara"));
    assert_eq!(send(&app, prefixed).await.status, 200);
}

#[actix_web::test]
async fn a_login_of_one_surface_does_not_open_another() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let with = |path, cookie: &'static str| get(path).insert_header(("cookie", cookie));
    for (path, cookie) in [
        (ME, "bk_admin_session=stan"),
        ("/api/v1/admin/things", "bk_client_session=clara"),
        ("/api/v1/platform/tenants", "bk_client_session=clara"),
        ("/api/v1/platform/tenants", "bk_admin_session=stella"),
        ("/api/v1/admin/things", "bk_admin_session=olga"),
    ] {
        assert_eq!(send(&app, with(path, cookie)).await.code(), "WRONG_SURFACE", "{path} {cookie}");
    }
    // A client's token in the admin cookie names no session.
    let swapped = with("/api/v1/admin/things", "bk_admin_session=clara");
    assert_eq!(send(&app, swapped).await.code(), "AUTH_INVALID");
}

#[actix_web::test]
async fn operators_reach_the_platform_and_their_own_login() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for path in ["/api/v1/platform/tenants", "/api/v1/admin/auth/me"] {
        let req = get(path).insert_header(("cookie", "bk_admin_session=olga"));
        assert_eq!(send(&app, req).await.status, 200, "{path}");
    }
    let otto = get("/api/v1/platform/tenants").insert_header(("cookie", "bk_admin_session=otto"));
    assert_eq!(send(&app, otto).await.code(), "STEP_UP_REQUIRED");
}

#[actix_web::test]
async fn no_bearer_credential_is_valid_yet_not_even_beside_a_session() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let alone = get("/api/v1/admin/things").insert_header(("authorization", "Bearer stan"));
    assert_eq!(send(&app, alone).await.code(), "AUTH_INVALID");
    let both = fixture
        .office("stan", get("/api/v1/admin/things"))
        .insert_header(("authorization", "Bearer x"));
    assert_eq!(send(&app, both).await.code(), "AUTH_INVALID");
}

#[actix_web::test]
async fn when_the_database_is_down_every_caller_is_refused() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer =
        send(&app, get(ME).insert_header(("cookie", "bk_client_session=database-is-down"))).await;
    assert_eq!(answer.code(), "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[actix_web::test]
async fn a_missing_permission_is_forbidden() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let answer = send(&app, fixture.browser("cleo", get("/api/v1/client/things/7"))).await;
    assert_eq!(answer.code(), "FORBIDDEN");
    assert_eq!(send(&app, fixture.browser("cleo", get(ME))).await.status, 200);
}

#[actix_web::test]
async fn step_up_wants_a_second_factor_of_the_last_quarter_of_an_hour() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let delete = |token| {
        let req = TestRequest::delete().uri("/api/v1/admin/things/7").peer_addr(peer("192.0.2.1"));
        fixture.office(token, req)
    };
    assert_eq!(send(&app, delete("stan")).await.code(), "STEP_UP_REQUIRED");
    assert_eq!(send(&app, delete("steve")).await.code(), "STEP_UP_REQUIRED");
    assert_eq!(send(&app, delete("stella")).await.status, 204);
    fixture.clock.move_to(fixture.clock.now() + chrono::TimeDelta::minutes(16));
    assert_eq!(send(&app, delete("stella")).await.code(), "STEP_UP_REQUIRED");
}

#[actix_web::test]
async fn a_change_without_the_sessions_own_csrf_token_is_refused() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let own = csrf::issue(&fixture.key, &hash("clara"));
    let another = csrf::issue(&fixture.key, &hash("carl"));
    let forged = csrf::issue(&bk_guard::CsrfKey::random(), &hash("clara"));
    let second = csrf::issue(&fixture.key, &hash("clara"));
    for (cookie, header) in [
        (None, None),
        (Some(&own), None),
        (None, Some(&own)),
        (Some(&own), Some(&second)),
        (Some(&another), Some(&another)),
        (Some(&forged), Some(&forged)),
    ] {
        let mut cookies = "bk_client_session=clara".to_owned();
        if let Some(token) = cookie {
            cookies = format!("{cookies}; bk_client_csrf={token}");
        }
        let mut req = post_json(THINGS)
            .insert_header(("origin", "https://app.alpha.test"))
            .insert_header(("cookie", cookies));
        if let Some(token) = header {
            req = req.insert_header(("x-csrf-token", token.as_str()));
        }
        assert_eq!(send(&app, req).await.code(), "CSRF_INVALID", "{cookie:?} {header:?}");
    }
    assert_eq!(fixture.calls.made(), 0);
    assert_eq!(send(&app, fixture.browser("clara", post_json(THINGS))).await.status, 201);
}
