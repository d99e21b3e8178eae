//! Logging in and out.

use bk_kernel::{ActorKind, Surface};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Browser, DEV_ORIGIN, PASSWORD, World};

const WRONG: &str = "not the right password";
const ACTIVE: &str = "SELECT count(*) FROM identity_sessions WHERE ended_at IS NULL";
const MAX_ACTIVE_SESSIONS: usize = 5;

#[actix_web::test]
async fn a_browser_logs_in_asks_who_it_is_and_logs_out() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    let mut browser = world.client();
    let login = browser.log_in(" Ada@GreenFork.test ", PASSWORD).await;
    assert_eq!(login.status, 200, "{login:?}");
    assert_eq!(login.text("/user/email"), "ada@greenfork.test");
    assert_eq!(login.text("/tenant/slug"), "greenfork");
    assert_eq!(login.text("/aal"), "aal1");
    let cookies = login.cookies();
    let [session, csrf] = cookies.as_slice() else { panic!("{login:?}") };
    assert!(session.starts_with("bk_client_session=") && session.contains("HttpOnly"), "{session}");
    assert!(csrf.starts_with("bk_client_csrf=") && !csrf.contains("HttpOnly"), "{csrf}");

    let me = browser.get("/auth/me").await;
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(me.body["roles"], json!(["client"]));
    assert_eq!(me.body["permissions"], json!(["own.orders.read"]));
    assert_eq!(me.body["csrf_token"], login.body["csrf_token"], "two tabs share one token");
    assert!(me.cookies().is_empty());
    let sessions = browser.get("/auth/sessions").await;
    assert_eq!(sessions.body["items"][0]["current"], true);
    assert_eq!(sessions.text("/items/0/ip"), "192.0.2.7");

    let before = browser.clone();
    let out = browser.act("/auth/logout").await;
    assert_eq!(out.status, 204, "{out:?}");
    assert!(out.cookies().iter().all(|cookie| cookie.contains("Max-Age=0")), "{out:?}");
    let me = before.clone().get("/auth/me").await;
    assert_eq!(me.refusal(), (401, "AUTH_INVALID"));
}

#[actix_web::test]
async fn the_right_password_opens_the_surface_of_the_users_kind() {
    let world = World::new().await;
    let ada = world.user("ada@greenfork.test", &["client"]).await;
    world.user_of(world.platform, "operator@platform.test", &["super_admin"]).await;

    let token = world.logged_in_client("ada@greenfork.test").await.token();
    let actor = world.actor(Surface::Client, &token).await.unwrap();
    assert_eq!((actor.kind, actor.user_id), (ActorKind::Client, ada));
    assert_eq!(actor.roles, ["client"]);
    assert!(actor.session.aal2_at.is_none());
    assert!(world.actor(Surface::Admin, &token).await.is_none(), "another surface's cookie");

    let mut operator = world.admin();
    let login = operator.log_in_at("platform", "operator@platform.test", PASSWORD).await;
    assert_eq!(login.status, 200, "{login:?}");
    let actor = world.actor(Surface::Admin, &operator.token()).await.unwrap();
    assert_eq!(actor.kind, ActorKind::Operator);
}

#[actix_web::test]
async fn whatever_is_wrong_the_answer_is_the_same_and_counted_alike() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    world.user_of(world.northside, "zoe@northside.test", &["client"]).await;
    world.tenants.suspend("northside");
    let client = world.client().with_origin(DEV_ORIGIN);
    let mut answers = Vec::new();
    for (mut browser, slug, email, password) in [
        (client.clone(), "greenfork", "ada@greenfork.test", WRONG),
        (client.clone(), "greenfork", "unknown@greenfork.test", PASSWORD),
        (client.clone(), "greenfork", "not an address", PASSWORD),
        (client.clone(), "nowhere", "ada@greenfork.test", PASSWORD),
        (client.clone(), "northside", "zoe@northside.test", PASSWORD),
        (world.admin(), "greenfork", "ada@greenfork.test", PASSWORD),
        (client, "greenfork", "kim@greenfork.test", PASSWORD),
    ] {
        answers.push(browser.log_in_at(slug, email, password).await);
    }
    for answer in &answers {
        assert_eq!(answer.refusal(), (401, "AUTH_INVALID"), "{answer:?}");
        assert_eq!(answer.body_without_request_id(), answers[0].body_without_request_id());
        assert!(answer.cookies().is_empty());
    }
    // Six addresses, and the network at each of the three tenants that were tried.
    let attempts = world.db.number("SELECT count(*) FROM identity_login_attempts").await;
    assert_eq!(attempts, 6 + 3);
    assert_eq!(world.db.number("SELECT count(*) FROM identity_sessions").await, 0);
}

#[actix_web::test]
async fn another_tenants_origin_is_rejected_whether_the_tenant_exists_or_not() {
    let world = World::new().await;
    world.user_of(world.northside, "zoe@northside.test", &["client"]).await;
    for tenant in ["northside", "nowhere"] {
        let answer = world.client().log_in_at(tenant, "zoe@northside.test", PASSWORD).await;
        assert_eq!(answer.refusal(), (403, "ORIGIN_REJECTED"), "{answer:?}");
    }
}

#[actix_web::test]
async fn five_failures_make_the_right_password_wait_too_for_known_and_unknown_addresses() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    let mut browser = world.client().with_origin(DEV_ORIGIN);
    for (slug, email) in [
        ("greenfork", "ada@greenfork.test"),
        ("greenfork", "unknown@greenfork.test"),
        ("nowhere", "unknown@nowhere.test"),
    ] {
        for _ in 0..5 {
            let refused = browser.log_in_at(slug, email, WRONG).await;
            assert_eq!(refused.refusal(), (401, "AUTH_INVALID"), "{email}");
        }
        let throttled = browser.log_in_at(slug, email, PASSWORD).await;
        assert_eq!(throttled.refusal(), (429, "RATE_LIMITED"), "{email}");
        let seconds: u64 = throttled.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
    world.pass(TimeDelta::seconds(31));
    assert_eq!(browser.log_in("ada@greenfork.test", PASSWORD).await.status, 200);
    for _ in 0..4 {
        let refused = world.client().log_in("ada@greenfork.test", WRONG).await;
        assert_eq!(refused.refusal(), (401, "AUTH_INVALID"), "the success had reset the count");
    }
}

#[actix_web::test]
async fn guesses_sent_at_once_learn_no_more_than_five() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    let mut browsers: Vec<Browser<'_>> = (0..20).map(|_| world.client()).collect();
    let guesses = browsers.iter_mut().map(|browser| browser.log_in("ada@greenfork.test", WRONG));
    let answers = futures::future::join_all(guesses).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(401), with(429)), (5, 15));
}

#[actix_web::test]
async fn many_right_logins_at_once_all_succeed_and_five_sessions_remain() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    let mut browsers: Vec<Browser<'_>> = (0..8).map(|_| world.client()).collect();
    let logins = browsers.iter_mut().map(|browser| browser.log_in("ada@greenfork.test", PASSWORD));
    for answer in futures::future::join_all(logins).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(world.db.number(ACTIVE).await, i64::try_from(MAX_ACTIVE_SESSIONS).unwrap());
}

#[actix_web::test]
async fn the_sixth_login_ends_the_oldest_session() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    let mut tokens = Vec::new();
    for _ in 0..=MAX_ACTIVE_SESSIONS {
        let token = world.logged_in_client("ada@greenfork.test").await.token();
        world.pass(TimeDelta::seconds(1));
        assert!(world.actor(Surface::Client, &token).await.is_some());
        tokens.push(token);
    }
    assert!(world.actor(Surface::Client, &tokens[0]).await.is_none());
    for token in &tokens[1..] {
        assert!(world.actor(Surface::Client, token).await.is_some());
    }
}

#[actix_web::test]
async fn logging_in_again_with_the_same_browser_ends_the_session_it_held() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    let mut browser = world.logged_in_client("ada@greenfork.test").await;
    let old = browser.token();
    assert!(world.actor(Surface::Client, &old).await.is_some());
    assert_eq!(browser.log_in("ada@greenfork.test", PASSWORD).await.status, 200);
    assert!(world.actor(Surface::Client, &old).await.is_none());
    assert!(world.actor(Surface::Client, &browser.token()).await.is_some());
}
