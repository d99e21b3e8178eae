//! Live sessions: their limits, their end, the cache.

use std::sync::Arc;

use bk_contracts::identity::{SessionAuthority, UserDirectory};
use bk_kernel::Surface;
use bk_persistence::{DbError, invalidation};
use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::Stage;
use crate::sessions::{self, EndReason, Live, SessionToken};

#[tokio::test]
async fn a_session_ends_when_it_is_idle_for_too_long() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    for _ in 0..3 {
        stage.clock.move_to(stage.clock.now() + TimeDelta::minutes(29));
        assert!(stage.actor(Surface::Admin, &token).await.is_some(), "used in time");
    }
    stage.clock.move_to(stage.clock.now() + TimeDelta::minutes(30));
    assert!(stage.actor(Surface::Admin, &token).await.is_none());
}

#[tokio::test]
async fn a_session_ends_at_its_absolute_limit_however_busy_it_is() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    for _ in 0..35 {
        stage.clock.move_to(stage.clock.now() + TimeDelta::minutes(20));
        assert!(stage.actor(Surface::Admin, &token).await.is_some());
    }
    stage.clock.move_to(stage.clock.now() + TimeDelta::minutes(20));
    assert!(stage.actor(Surface::Admin, &token).await.is_none());
}

#[tokio::test]
async fn a_known_session_costs_no_database_work() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    assert!(stage.actor(Surface::Admin, &token).await.is_some());
    stage.db.app.close().await;
    let known = stage.identity.authenticate(Surface::Admin, token.expose()).await.unwrap().unwrap();
    let live = known.session.downcast::<Live>().unwrap();
    assert_eq!((&*live.email, &*live.tenant_slug), ("kim@greenfork.test", "greenfork"));
    stage.hearing.set(false);
    let bypassed = stage.identity.authenticate(Surface::Admin, token.expose()).await;
    assert!(bypassed.is_err(), "while notices are not heard the database is asked");
}

#[tokio::test]
async fn being_seen_is_written_at_most_once_a_minute() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    let moved = "SELECT count(*) FROM identity_sessions WHERE last_seen_at > created_at";
    stage.clock.move_to(stage.clock.now() + TimeDelta::seconds(50));
    assert!(stage.actor_elsewhere(Surface::Admin, &token).await.is_some());
    assert_eq!(stage.count(moved).await, 0);
    stage.clock.move_to(stage.clock.now() + TimeDelta::seconds(15));
    assert!(stage.actor_elsewhere(Surface::Admin, &token).await.is_some());
    assert_eq!(stage.count(moved).await, 1);
}

#[tokio::test]
async fn an_ended_session_is_refused_at_once_although_it_was_cached() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let (mine, other) = (
        stage.token(Surface::Admin, "kim@greenfork.test").await,
        stage.token(Surface::Admin, "kim@greenfork.test").await,
    );
    let actor = stage.actor(Surface::Admin, &mine).await.unwrap();
    let device = stage.actor(Surface::Admin, &other).await.unwrap().session.id;
    let now = stage.clock.now();
    let listed = sessions::devices(&stage.identity, &actor, now).await.unwrap();
    assert_eq!(listed.len(), 2);

    let end = async |id| {
        sessions::end_one(&stage.identity, &actor, id, EndReason::Revoked, now).await.unwrap()
    };
    assert!(end(device).await);
    assert!(stage.actor(Surface::Admin, &other).await.is_none());
    assert!(stage.actor(Surface::Admin, &mine).await.is_some());
    assert!(!end(device).await, "it is over already");

    sessions::end_all_own(&stage.identity, &actor, now).await.unwrap();
    assert!(stage.actor(Surface::Admin, &mine).await.is_none());
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    stage.user("eve@greenfork.test", &["kitchen"]).await;
    let kims = stage.token(Surface::Admin, "kim@greenfork.test").await;
    let kim = stage.actor(Surface::Admin, &kims).await.unwrap();
    let eve = stage.by("eve@greenfork.test").await;
    let (id, now) = (kim.session.id, stage.clock.now());
    let ended = sessions::end_one(&stage.identity, &eve.actor, id, EndReason::Revoked, now).await;
    assert!(!ended.unwrap());
    assert!(stage.actor_elsewhere(Surface::Admin, &kims).await.is_some());
}

#[tokio::test]
async fn a_suspended_tenant_has_no_sessions() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    stage.tenants.suspend("greenfork");
    assert!(stage.actor_elsewhere(Surface::Admin, &token).await.is_none());
}

#[tokio::test]
async fn forged_and_foreign_tokens_name_nobody() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    let elsewhere = SessionToken::issue(stage.northside);
    // The secret of one tenant's session with the routing prefix of another.
    let spliced = format!("{}{}", &elsewhere.expose()[..20], &token.expose()[20..]);
    for forged in [elsewhere.expose(), spliced.as_str(), "", "short"] {
        let nobody = stage.identity.authenticate(Surface::Admin, forged).await.unwrap();
        assert!(nobody.is_none(), "{forged}");
    }
}

#[tokio::test]
async fn forgetting_a_tenants_sessions_reaches_this_instance_through_the_database() {
    let stage = Stage::set().await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;

    let (sender, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let mut subscribers = stage.identity.invalidations();
    let topic = subscribers[1].0;
    let tell: invalidation::Subscriber =
        Arc::new(move |key: &str| drop(sender.send(key.to_owned())));
    subscribers.push((topic, tell));
    let stop = CancellationToken::new();
    let listener = tokio::spawn(invalidation::listen(
        stage.db.app.clone(),
        subscribers,
        stage.hearing.clone(),
        stop.clone(),
    ));
    assert_eq!(hears.recv().await.as_deref(), Some(""), "it listens now");
    let before = stage.actor(Surface::Admin, &token).await.unwrap();
    assert!(before.permissions.contains("menu.read"));
    assert!(stage.identity.cache().get(&before.session.token_hash, stage.clock.now()).is_some());

    let identity = stage.identity.clone();
    let told: Result<(), DbError> = stage
        .db
        .app
        .tenant(stage.greenfork)
        .run(async move |tx| identity.forget_sessions(&tx).await)
        .await;
    told.unwrap();
    assert_eq!(hears.recv().await, Some(stage.greenfork.to_string()));
    assert!(stage.identity.cache().get(&before.session.token_hash, stage.clock.now()).is_none());
    stop.cancel();
    listener.await.unwrap();
}

#[tokio::test]
async fn old_sessions_and_forgotten_failures_are_deleted() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    stage.token(Surface::Client, "ada@greenfork.test").await;
    let wrong = stage.log_in(Surface::Client, "ada@greenfork.test", "a wrong password").await;
    assert!(wrong.is_err());
    let prune = async || {
        let now = stage.clock.now();
        let scope = stage.db.worker.tenant(stage.greenfork);
        scope.run(move |tx| async move { sessions::prune(&tx, now).await }).await.unwrap()
    };
    assert_eq!(prune().await, 0);
    stage.clock.move_to(stage.clock.now() + TimeDelta::hours(1));
    assert_eq!(prune().await, 2, "the address and the network");
    stage.clock.move_to(stage.clock.now() + TimeDelta::days(90 + 30));
    assert_eq!(prune().await, 1);
}
