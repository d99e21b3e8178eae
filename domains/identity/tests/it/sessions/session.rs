//! Sessions after the login: their limits, their end, the cache.

use std::sync::Arc;

use bk_contracts::identity::{SessionAuthority, UserDirectory};
use bk_guard::Domain;
use bk_kernel::Surface;
use bk_persistence::{DbError, invalidation};
use bk_testing::Call;
use chrono::TimeDelta;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, PASSWORD, staff_token, text};

const SESSIONS: &str = "/admin/auth/sessions";

impl Fixture {
    /// The token of a new session of a member of `greenfork`'s staff.
    async fn session(&self, email: &str) -> String {
        staff_token(&self.logged_in_staff(email).await)
    }
}

#[actix_web::test]
async fn a_session_ends_when_it_is_idle_for_too_long() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    for _ in 0..3 {
        fixture.pass(TimeDelta::minutes(29));
        assert!(fixture.actor(Surface::Admin, &token).await.is_some(), "used in time");
    }
    fixture.pass(TimeDelta::minutes(30));
    assert!(fixture.actor(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn a_session_ends_at_its_absolute_limit_however_busy_it_is() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    for _ in 0..35 {
        fixture.pass(TimeDelta::minutes(20));
        assert!(fixture.actor(Surface::Admin, &token).await.is_some());
    }
    fixture.pass(TimeDelta::minutes(20));
    assert!(fixture.actor(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn a_cached_session_costs_no_database_work() {
    let fixture = Fixture::new().await;
    let kim = fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    assert!(fixture.identity.known(Surface::Admin, &token).is_none(), "it was never looked up");
    assert!(fixture.actor(Surface::Admin, &token).await.is_some());
    fixture.db.app.close().await;
    let known = fixture.identity.known(Surface::Admin, &token).unwrap();
    assert_eq!(known.actor.user_id, kim);
    assert!(fixture.identity.known(Surface::Client, &token).is_none(), "another surface's cookie");
    assert!(fixture.identity.authenticate(Surface::Admin, &token).await.unwrap().is_some());
    fixture.listener.set(false);
    assert!(fixture.identity.known(Surface::Admin, &token).is_none());
    let bypassed = fixture.identity.authenticate(Surface::Admin, &token).await;
    assert!(bypassed.is_err(), "while notices do not arrive the database is asked");
}

#[actix_web::test]
async fn use_of_a_session_is_recorded_at_most_once_a_minute() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    let recorded = "SELECT count(*) FROM identity_sessions WHERE last_seen_at > created_at";
    fixture.pass(TimeDelta::seconds(50));
    assert!(fixture.actor_elsewhere(Surface::Admin, &token).await.is_some());
    assert_eq!(fixture.db.number(recorded).await, 0);
    fixture.pass(TimeDelta::seconds(15));
    assert!(fixture.actor_elsewhere(Surface::Admin, &token).await.is_some());
    assert_eq!(fixture.db.number(recorded).await, 1);
}

#[actix_web::test]
async fn an_ended_session_is_refused_at_once_although_it_was_cached() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let browser = fixture.logged_in_staff("kim@greenfork.test").await;
    let other = fixture.session("kim@greenfork.test").await;
    let device = fixture.actor(Surface::Admin, &other).await.unwrap().session.id;
    let listed = browser.get(SESSIONS).await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));

    let path = format!("{SESSIONS}/{device}");
    let ended = browser.delete(&path).await;
    assert_eq!((ended.status, ended.header("set-cookie")), (204, ""));
    assert!(fixture.actor(Surface::Admin, &other).await.is_none());
    let token = staff_token(&browser);
    assert!(fixture.actor(Surface::Admin, &token).await.is_some());
    assert_eq!(browser.delete(&path).await.outcome(), "404 NOT_FOUND", "it is over already");

    let out = browser.send(Call::post("/api/v1/admin/auth/logout-all")).await;
    assert_eq!((out.status, out.header_values("set-cookie").count()), (204, 2));
    assert!(fixture.actor(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn ending_the_session_of_the_request_removes_its_cookies() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let browser = fixture.logged_in_staff("kim@greenfork.test").await;
    let listed = browser.get(SESSIONS).await.ok();
    let ended = browser.delete(&format!("{SESSIONS}/{}", text(&listed, "/items/0/id"))).await;
    assert_eq!((ended.status, ended.header_values("set-cookie").count()), (204, 2));
    assert_eq!(browser.get("/admin/auth/me").await.outcome(), "401 AUTH_REQUIRED");
}

#[actix_web::test]
async fn sessions_are_listed_the_newest_first_in_pages() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    fixture.user("eve@greenfork.test", &["kitchen"]).await;
    fixture.session("eve@greenfork.test").await;
    for _ in 0..2 {
        fixture.session("kim@greenfork.test").await;
        fixture.pass(TimeDelta::seconds(1));
    }
    let browser = fixture.logged_in_staff("kim@greenfork.test").await;
    let all = browser.get(SESSIONS).await.ok();
    let [newest, middle, oldest] = all["items"].as_array().unwrap().as_slice() else {
        panic!("{all}")
    };
    assert_eq!((&newest["current"], &oldest["current"]), (&json!(true), &json!(false)));
    assert_eq!(all["next_cursor"], json!(null));
    let first = browser.get(&format!("{SESSIONS}?limit=2")).await.ok();
    assert_eq!(first["items"], json!([newest, middle]));
    let cursor = text(&first, "/next_cursor");
    let second = browser.get(&format!("{SESSIONS}?limit=2&cursor={cursor}")).await.ok();
    assert_eq!(second, json!({ "items": [oldest], "next_cursor": null }));
}

#[actix_web::test]
async fn a_user_cannot_end_the_session_of_another() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    fixture.user("eve@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    let id = fixture.actor(Surface::Admin, &token).await.unwrap().session.id;
    let eve = fixture.logged_in_staff("eve@greenfork.test").await;
    let refused = eve.delete(&format!("{SESSIONS}/{id}")).await;
    assert_eq!(refused.outcome(), "404 NOT_FOUND");
    assert!(fixture.actor_elsewhere(Surface::Admin, &token).await.is_some());
}

#[actix_web::test]
async fn a_suspended_tenant_has_no_sessions() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    fixture.tenants.suspend("greenfork");
    assert!(fixture.actor_elsewhere(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn forged_and_foreign_tokens_name_no_user() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    fixture.user_of(fixture.northside, "zoe@northside.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;
    let zoe = fixture.staff();
    zoe.log_in("northside", "zoe@northside.test", PASSWORD).await;
    // The secret of one tenant's session behind the routing prefix of another.
    let spliced = format!("{}{}", &staff_token(&zoe)[..20], &token[20..]);
    let cut = &token[..token.len() - 1];
    for forged in [spliced.as_str(), cut, "", "short"] {
        assert!(fixture.actor(Surface::Admin, forged).await.is_none(), "{forged}");
    }
}

#[actix_web::test]
async fn a_change_of_a_tenants_roles_reaches_this_instance_through_the_database() {
    let fixture = Fixture::new().await;
    fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let token = fixture.session("kim@greenfork.test").await;

    let (sender, mut notices) = tokio::sync::mpsc::unbounded_channel();
    let mut subscribers = fixture.identity.invalidations();
    let (topic, _) = subscribers.iter().find(|(topic, _)| *topic == "tenant_sessions").unwrap();
    let record: invalidation::Subscriber =
        Arc::new(move |key: &str| drop(sender.send(key.to_owned())));
    subscribers.push((topic, record));
    let stop = CancellationToken::new();
    let listener = tokio::spawn(invalidation::listen(
        fixture.db.app.clone(),
        subscribers,
        fixture.listener.clone(),
        stop.clone(),
    ));
    assert_eq!(notices.recv().await.as_deref(), Some(""), "it listens now");
    assert!(fixture.actor(Surface::Admin, &token).await.is_some());
    assert!(fixture.identity.known(Surface::Admin, &token).is_some());

    let ctx = fixture.system(fixture.greenfork);
    let published: Result<(), DbError> = fixture
        .db
        .app
        .transaction(&ctx, fixture.identity.clone(), async |tx, identity| {
            identity.forget_sessions(&tx).await
        })
        .await;
    published.unwrap();
    assert_eq!(notices.recv().await, Some(fixture.greenfork.to_string()));
    assert!(fixture.identity.known(Surface::Admin, &token).is_none());
    stop.cancel();
    listener.await.unwrap();
}

#[actix_web::test]
async fn old_sessions_and_expired_failures_are_deleted() {
    let fixture = Fixture::new().await;
    fixture.user("ada@greenfork.test", &["client"]).await;
    fixture.logged_in_client("ada@greenfork.test").await;
    for (slug, password) in [("greenfork", "a wrong password"), ("nowhere", PASSWORD)] {
        let browser = fixture.client_of_any_tenant();
        let refused = browser.try_log_in(slug, "ada@greenfork.test", password).await;
        assert_eq!(refused.outcome(), "401 AUTH_INVALID");
    }
    let rows = "SELECT (SELECT count(*) FROM identity_sessions)
                     + (SELECT count(*) FROM identity_login_attempts)";
    for (passed, left) in
        [(TimeDelta::zero(), 1 + 2 + 2), (TimeDelta::hours(1), 1), (TimeDelta::days(90 + 30), 0)]
    {
        fixture.pass(passed);
        fixture.work_on("sessions.prune", json!({})).await;
        assert_eq!(fixture.db.number(rows).await, left, "after {passed}");
    }
}
