//! Logging in and out.

use bk_kernel::{ActorKind, Surface};
use bk_testing::{Browser, Call, InProcess};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::fixture::{Fixture, PASSWORD, client_token, staff_token, text};

const WRONG: &str = "not the right password";
const ADA: &str = "ada@greenfork.test";
const MAX_ACTIVE_SESSIONS: usize = 5;

#[actix_web::test]
async fn a_browser_logs_in_asks_who_it_is_and_logs_out() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let browser = fixture.client();
    let answer = browser.try_log_in("greenfork", " Ada@GreenFork.test ", PASSWORD).await;
    let login = answer.ok();
    assert_eq!(text(&login, "/user/email"), ADA);
    assert_eq!(text(&login, "/tenant/slug"), "greenfork");
    assert_eq!(text(&login, "/aal"), "aal1");
    let cookies: Vec<&str> = answer.header_values("set-cookie").collect();
    let [session, csrf] = cookies.as_slice() else { panic!("{cookies:?}") };
    assert!(session.starts_with("bk_client_session=") && session.contains("HttpOnly"), "{session}");
    assert!(csrf.starts_with("bk_client_csrf=") && !csrf.contains("HttpOnly"), "{csrf}");

    let answer = browser.get("/client/auth/me").await;
    let me = answer.ok();
    assert_eq!(me["user"], login["user"]);
    assert_eq!(me["tenant"], login["tenant"]);
    assert_eq!(me["roles"], json!(["client"]));
    assert_eq!(me["permissions"], json!(["own.orders.read"]));
    assert_eq!(me["csrf_token"], login["csrf_token"], "two tabs share one token");
    assert_eq!(answer.header("set-cookie"), "");
    let sessions = browser.get("/client/auth/sessions").await.ok();
    assert_eq!(sessions["items"][0]["current"], true);
    assert_eq!(text(&sessions, "/items/0/ip"), "192.0.2.1");

    let other_tab = browser.clone();
    let out = browser.send(Call::post("/api/v1/client/auth/logout")).await;
    assert_eq!(out.status, 204);
    assert!(out.header_values("set-cookie").all(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!(other_tab.get("/client/auth/me").await.outcome(), "401 AUTH_INVALID");
}

#[actix_web::test]
async fn a_browser_without_a_csrf_token_of_its_session_is_given_one() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let first = fixture.logged_in_client(ADA).await;
    let second = fixture
        .client()
        .with_cookie("bk_client_session", &client_token(&first))
        .with_cookie("bk_client_csrf", "forged");
    let me = second.get("/client/auth/me").await;
    assert!(me.header("set-cookie").starts_with("bk_client_csrf="));
    assert_eq!(me.ok()["csrf_token"], json!(second.cookie("bk_client_csrf")));
    second.send(Call::post("/api/v1/client/auth/logout")).await.done();
}

#[actix_web::test]
async fn the_right_password_opens_the_surface_of_the_users_kind() {
    let fixture = Fixture::new().await;
    let ada = fixture.user(ADA, &["client"]).await;
    fixture.user_of(fixture.platform, "operator@platform.test", &["super_admin"]).await;

    let token = client_token(&fixture.logged_in_client(ADA).await);
    let actor = fixture.actor(Surface::Client, &token).await.unwrap();
    assert_eq!((actor.kind, actor.user_id), (ActorKind::Client, ada));
    assert_eq!(actor.roles, ["client"]);
    assert!(actor.session.aal2_at.is_none());
    assert!(fixture.actor(Surface::Admin, &token).await.is_none(), "another surface's cookie");

    let operator = fixture.staff();
    operator.log_in("platform", "operator@platform.test", PASSWORD).await;
    let actor = fixture.actor(Surface::Admin, &staff_token(&operator)).await.unwrap();
    assert_eq!(actor.kind, ActorKind::Operator);
}

#[actix_web::test]
async fn whatever_is_wrong_the_answer_is_the_same_and_counted_alike() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    fixture.user_of(fixture.northside, "zoe@northside.test", &["client"]).await;
    fixture.tenants.suspend("northside");
    let (client, staff) = (fixture.client_of_any_tenant(), fixture.staff());
    let mut bodies = Vec::new();
    for (browser, slug, email, password) in [
        (&client, "greenfork", ADA, WRONG),
        (&client, "greenfork", "unknown@greenfork.test", PASSWORD),
        (&client, "greenfork", "not an address", PASSWORD),
        (&client, "nowhere", ADA, PASSWORD),
        (&client, "northside", "zoe@northside.test", PASSWORD),
        (&staff, "greenfork", ADA, PASSWORD),
        (&client, "greenfork", "kim@greenfork.test", PASSWORD),
    ] {
        let refused = browser.try_log_in(slug, email, password).await;
        assert_eq!(refused.outcome(), "401 AUTH_INVALID", "{slug} {email}");
        assert_eq!(refused.header("set-cookie"), "");
        let mut body = refused.json();
        body.as_object_mut().unwrap().remove("request_id");
        bodies.push(body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    // Six addresses, and the network at each of the three tenants that were tried.
    let attempts = fixture.db.number("SELECT count(*) FROM identity_login_attempts").await;
    assert_eq!(attempts, 6 + 3);
    assert_eq!(fixture.db.number("SELECT count(*) FROM identity_sessions").await, 0);
}

#[actix_web::test]
async fn another_tenants_origin_is_rejected_whether_the_tenant_exists_or_not() {
    let fixture = Fixture::new().await;
    fixture.user_of(fixture.northside, "zoe@northside.test", &["client"]).await;
    for tenant in ["northside", "nowhere"] {
        let refused = fixture.client().try_log_in(tenant, "zoe@northside.test", PASSWORD).await;
        assert_eq!(refused.outcome(), "403 ORIGIN_REJECTED", "{tenant}");
    }
}

#[actix_web::test]
async fn five_failures_make_the_right_password_wait_too_for_known_and_unknown_addresses() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let browser = fixture.client_of_any_tenant();
    for (slug, email) in [
        ("greenfork", ADA),
        ("greenfork", "unknown@greenfork.test"),
        ("nowhere", "unknown@nowhere.test"),
    ] {
        for _ in 0..5 {
            let refused = browser.try_log_in(slug, email, WRONG).await;
            assert_eq!(refused.outcome(), "401 AUTH_INVALID", "{email}");
        }
        let throttled = browser.try_log_in(slug, email, PASSWORD).await;
        assert_eq!(throttled.outcome(), "429 RATE_LIMITED", "{email}");
        let seconds: u64 = throttled.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
    fixture.pass(TimeDelta::seconds(31));
    browser.log_in("greenfork", ADA, PASSWORD).await;
    for _ in 0..4 {
        let refused = fixture.client().try_log_in("greenfork", ADA, WRONG).await;
        assert_eq!(refused.outcome(), "401 AUTH_INVALID", "the success had reset the count");
    }
}

#[actix_web::test]
async fn guesses_sent_at_once_learn_no_more_than_five() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let browsers: Vec<Browser<InProcess>> = (0..20).map(|_| fixture.client()).collect();
    let guesses = browsers.iter().map(|browser| browser.try_log_in("greenfork", ADA, WRONG));
    let answers = futures::future::join_all(guesses).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(401), with(429)), (5, 15));
}

#[actix_web::test]
async fn many_right_logins_at_once_all_succeed_and_five_sessions_remain() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let browsers: Vec<Browser<InProcess>> = (0..8).map(|_| fixture.client()).collect();
    let logins = browsers.iter().map(|browser| browser.try_log_in("greenfork", ADA, PASSWORD));
    futures::future::join_all(logins).await.iter().for_each(bk_testing::Answer::done);
    let active = "SELECT count(*) FROM identity_sessions WHERE ended_at IS NULL";
    let active = fixture.db.number(active).await;
    assert_eq!(active, i64::try_from(MAX_ACTIVE_SESSIONS).unwrap());
}

#[actix_web::test]
async fn the_sixth_login_ends_the_oldest_session() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let mut tokens = Vec::new();
    for _ in 0..=MAX_ACTIVE_SESSIONS {
        let token = client_token(&fixture.logged_in_client(ADA).await);
        fixture.pass(TimeDelta::seconds(1));
        assert!(fixture.actor(Surface::Client, &token).await.is_some());
        tokens.push(token);
    }
    assert!(fixture.actor(Surface::Client, &tokens[0]).await.is_none());
    for token in &tokens[1..] {
        assert!(fixture.actor(Surface::Client, token).await.is_some());
    }
}

#[actix_web::test]
async fn logging_in_again_with_the_same_browser_ends_the_session_it_held() {
    let fixture = Fixture::new().await;
    fixture.user(ADA, &["client"]).await;
    let browser = fixture.logged_in_client(ADA).await;
    let old = client_token(&browser);
    assert!(fixture.actor(Surface::Client, &old).await.is_some());
    let login: Value = browser.log_in("greenfork", ADA, PASSWORD).await;
    assert_eq!(login["csrf_token"], json!(browser.cookie("bk_client_csrf")));
    assert!(fixture.actor(Surface::Client, &old).await.is_none());
    assert!(fixture.actor(Surface::Client, &client_token(&browser)).await.is_some());
}
