//! Sessions after the login: their limits, their end, the cache.

use std::sync::Arc;

use bk_contracts::identity::{SessionAuthority, UserDirectory};
use bk_guard::Domain;
use bk_kernel::Surface;
use bk_persistence::{DbError, invalidation};
use chrono::TimeDelta;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{PASSWORD, World};

impl World {
    /// The token of a new session of a member of `greenfork`'s staff.
    async fn staff_token(&self, email: &str) -> String {
        self.logged_in_admin(email).await.token()
    }
}

#[actix_web::test]
async fn a_session_ends_when_it_is_idle_for_too_long() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    for _ in 0..3 {
        world.pass(TimeDelta::minutes(29));
        assert!(world.actor(Surface::Admin, &token).await.is_some(), "used in time");
    }
    world.pass(TimeDelta::minutes(30));
    assert!(world.actor(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn a_session_ends_at_its_absolute_limit_however_busy_it_is() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    for _ in 0..35 {
        world.pass(TimeDelta::minutes(20));
        assert!(world.actor(Surface::Admin, &token).await.is_some());
    }
    world.pass(TimeDelta::minutes(20));
    assert!(world.actor(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn a_cached_session_costs_no_database_work() {
    let world = World::new().await;
    let kim = world.user("kim@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    assert!(world.identity.known(Surface::Admin, &token).is_none(), "it was never looked up");
    assert!(world.actor(Surface::Admin, &token).await.is_some());
    world.db.app.close().await;
    let known = world.identity.known(Surface::Admin, &token).unwrap();
    assert_eq!(known.actor.user_id, kim);
    assert!(world.identity.known(Surface::Client, &token).is_none(), "another surface's cookie");
    assert!(world.identity.authenticate(Surface::Admin, &token).await.unwrap().is_some());
    world.listener.set(false);
    assert!(world.identity.known(Surface::Admin, &token).is_none());
    let bypassed = world.identity.authenticate(Surface::Admin, &token).await;
    assert!(bypassed.is_err(), "while notices do not arrive the database is asked");
}

#[actix_web::test]
async fn use_of_a_session_is_recorded_at_most_once_a_minute() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    let recorded = "SELECT count(*) FROM identity_sessions WHERE last_seen_at > created_at";
    world.pass(TimeDelta::seconds(50));
    assert!(world.actor_elsewhere(Surface::Admin, &token).await.is_some());
    assert_eq!(world.db.number(recorded).await, 0);
    world.pass(TimeDelta::seconds(15));
    assert!(world.actor_elsewhere(Surface::Admin, &token).await.is_some());
    assert_eq!(world.db.number(recorded).await, 1);
}

#[actix_web::test]
async fn an_ended_session_is_refused_at_once_although_it_was_cached() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let mut mine = world.logged_in_admin("kim@greenfork.test").await;
    let other = world.staff_token("kim@greenfork.test").await;
    let device = world.actor(Surface::Admin, &other).await.unwrap().session.id;
    let listed = mine.get("/auth/sessions").await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(2));

    let path = format!("/auth/sessions/{device}");
    let ended = mine.delete(&path).await;
    assert_eq!((ended.status.as_u16(), ended.cookies().len()), (204, 0));
    assert!(world.actor(Surface::Admin, &other).await.is_none());
    let token = mine.token();
    assert!(world.actor(Surface::Admin, &token).await.is_some());
    assert_eq!(mine.delete(&path).await.refusal(), (404, "NOT_FOUND"), "it is over already");

    let out = mine.act("/auth/logout-all").await;
    assert_eq!((out.status.as_u16(), out.cookies().len()), (204, 2));
    assert!(world.actor(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn ending_the_session_of_the_request_removes_its_cookies() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let mut browser = world.logged_in_admin("kim@greenfork.test").await;
    let id = browser.get("/auth/sessions").await.text("/items/0/id").to_owned();
    let ended = browser.delete(&format!("/auth/sessions/{id}")).await;
    assert_eq!((ended.status.as_u16(), ended.cookies().len()), (204, 2));
    assert_eq!(browser.get("/auth/me").await.refusal(), (401, "AUTH_REQUIRED"));
}

#[actix_web::test]
async fn sessions_are_listed_the_newest_first_in_pages() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    world.user("eve@greenfork.test", &["kitchen"]).await;
    world.staff_token("eve@greenfork.test").await;
    for _ in 0..2 {
        world.staff_token("kim@greenfork.test").await;
        world.pass(TimeDelta::seconds(1));
    }
    let mut browser = world.logged_in_admin("kim@greenfork.test").await;
    let all = browser.get("/auth/sessions").await;
    assert_eq!(all.body["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(all.body["next_cursor"], json!(null));
    let first = browser.get("/auth/sessions?limit=2").await;
    assert_eq!(
        first.body["items"].as_array().unwrap()[..],
        all.body["items"].as_array().unwrap()[..2]
    );
    assert_eq!(first.body["items"][0]["current"], true);
    let cursor = first.text("/next_cursor");
    let second = browser.get(&format!("/auth/sessions?limit=2&cursor={cursor}")).await;
    assert_eq!(second.body["items"], json!([all.body["items"][2]]));
    assert_eq!(second.body["next_cursor"], json!(null));
}

#[actix_web::test]
async fn a_user_cannot_end_the_session_of_another() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    world.user("eve@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    let id = world.actor(Surface::Admin, &token).await.unwrap().session.id;
    let mut eve = world.logged_in_admin("eve@greenfork.test").await;
    let refused = eve.delete(&format!("/auth/sessions/{id}")).await;
    assert_eq!(refused.refusal(), (404, "NOT_FOUND"));
    assert!(world.actor_elsewhere(Surface::Admin, &token).await.is_some());
}

#[actix_web::test]
async fn a_suspended_tenant_has_no_sessions() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    world.tenants.suspend("greenfork");
    assert!(world.actor_elsewhere(Surface::Admin, &token).await.is_none());
}

#[actix_web::test]
async fn forged_and_foreign_tokens_name_no_user() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    world.user_of(world.northside, "zoe@northside.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;
    let mut zoe = world.admin();
    assert_eq!(zoe.log_in_at("northside", "zoe@northside.test", PASSWORD).await.status, 200);
    // The secret of one tenant's session behind the routing prefix of another.
    let spliced = format!("{}{}", &zoe.token()[..20], &token[20..]);
    let cut = &token[..token.len() - 1];
    for forged in [spliced.as_str(), cut, "", "short"] {
        assert!(world.actor(Surface::Admin, forged).await.is_none(), "{forged}");
    }
}

#[actix_web::test]
async fn a_change_of_a_tenants_roles_reaches_this_instance_through_the_database() {
    let world = World::new().await;
    world.user("kim@greenfork.test", &["kitchen"]).await;
    let token = world.staff_token("kim@greenfork.test").await;

    let (sender, mut notices) = tokio::sync::mpsc::unbounded_channel();
    let mut subscribers = world.identity.invalidations();
    let (topic, _) = subscribers.iter().find(|(topic, _)| *topic == "tenant_sessions").unwrap();
    let record: invalidation::Subscriber =
        Arc::new(move |key: &str| drop(sender.send(key.to_owned())));
    subscribers.push((topic, record));
    let stop = CancellationToken::new();
    let listener = tokio::spawn(invalidation::listen(
        world.db.app.clone(),
        subscribers,
        world.listener.clone(),
        stop.clone(),
    ));
    assert_eq!(notices.recv().await.as_deref(), Some(""), "it listens now");
    assert!(world.actor(Surface::Admin, &token).await.is_some());
    assert!(world.identity.known(Surface::Admin, &token).is_some());

    let ctx = world.system(world.greenfork);
    let published: Result<(), DbError> = world
        .db
        .app
        .transaction(&ctx, world.identity.clone(), async |tx, identity| {
            identity.forget_sessions(&tx).await
        })
        .await;
    published.unwrap();
    assert_eq!(notices.recv().await, Some(world.greenfork.to_string()));
    assert!(world.identity.known(Surface::Admin, &token).is_none());
    stop.cancel();
    listener.await.unwrap();
}

#[actix_web::test]
async fn old_sessions_and_expired_failures_are_deleted() {
    let world = World::new().await;
    world.user("ada@greenfork.test", &["client"]).await;
    world.logged_in_client("ada@greenfork.test").await;
    let wrong = world.client().log_in("ada@greenfork.test", "a wrong password").await;
    assert_eq!(wrong.status, 401);
    let unknown = world.admin().log_in_at("nowhere", "ada@greenfork.test", PASSWORD).await;
    assert_eq!(unknown.status, 401);
    let rows = "SELECT (SELECT count(*) FROM identity_sessions)
                     + (SELECT count(*) FROM identity_login_attempts)";
    for (passed, left) in
        [(TimeDelta::zero(), 1 + 2 + 2), (TimeDelta::hours(1), 1), (TimeDelta::days(90 + 30), 0)]
    {
        world.pass(passed);
        world.work_on("sessions.prune", json!({})).await;
        assert_eq!(world.db.number(rows).await, left, "after {passed}");
    }
}
