//! Logging in.

use bk_kernel::{ActorKind, Surface};
use chrono::TimeDelta;

use super::{PASSWORD, Stage};
use crate::sessions::{self, LoginError, MOST_LIVE};

#[tokio::test]
async fn the_right_password_opens_the_door_of_the_users_kind() {
    let stage = Stage::set().await;
    let ada = stage.user("ada@greenfork.test", &["client"]).await;
    stage.user_of(stage.platform, "operator@platform.test", &["super_admin"]).await;

    let token =
        stage.log_in(Surface::Client, " Ada@GreenFork.test ", PASSWORD).await.unwrap().token;
    let actor = stage.actor(Surface::Client, &token).await.unwrap();
    assert_eq!((actor.kind, actor.user_id), (ActorKind::Client, ada));
    assert_eq!(actor.roles, ["client"]);
    assert!(actor.permissions.contains("own.orders.read"));
    assert!(actor.session.aal2_at.is_none());
    assert!(stage.actor(Surface::Admin, &token).await.is_none(), "another surface's cookie");

    let login = stage.attempt(Surface::Admin, "platform", "operator@platform.test", PASSWORD).await;
    let operator = sessions::log_in(&stage.identity, login).await.unwrap();
    let actor = stage.actor(Surface::Admin, &operator.token).await.unwrap();
    assert_eq!(actor.kind, ActorKind::Operator);
}

#[tokio::test]
async fn whatever_is_wrong_is_refused_alike_and_counted_alike() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    stage.user("kim@greenfork.test", &["kitchen"]).await;
    stage.user_of(stage.northside, "zoe@northside.test", &["client"]).await;
    stage.tenants.suspend("northside");
    for (surface, slug, email, password) in [
        (Surface::Client, "greenfork", "ada@greenfork.test", "not the right password"),
        (Surface::Client, "greenfork", "nobody@greenfork.test", PASSWORD),
        (Surface::Client, "greenfork", "not an address", PASSWORD),
        (Surface::Client, "nowhere", "ada@greenfork.test", PASSWORD),
        (Surface::Client, "northside", "zoe@northside.test", PASSWORD),
        (Surface::Admin, "greenfork", "ada@greenfork.test", PASSWORD),
        (Surface::Client, "greenfork", "kim@greenfork.test", PASSWORD),
    ] {
        let login = stage.attempt(surface, slug, email, password).await;
        let refusal = sessions::log_in(&stage.identity, login).await.unwrap_err();
        assert!(matches!(refusal, LoginError::Refused), "{slug} {email}: {refusal:?}");
    }
    // Seven addresses, and the network once per tenant that was tried.
    assert_eq!(stage.count("SELECT count(*) FROM identity_login_attempts").await, 6 + 3);
    assert_eq!(stage.count("SELECT count(*) FROM identity_sessions").await, 0);
}

#[tokio::test]
async fn five_failures_make_the_right_password_wait_too_for_known_and_unknown_addresses() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    for (slug, email) in [
        ("greenfork", "ada@greenfork.test"),
        ("greenfork", "nobody@greenfork.test"),
        ("nowhere", "nobody@nowhere.test"),
    ] {
        for _ in 0..5 {
            let login = stage.attempt(Surface::Client, slug, email, "a wrong password").await;
            let refusal = sessions::log_in(&stage.identity, login).await.unwrap_err();
            assert!(matches!(refusal, LoginError::Refused), "{email}: {refusal:?}");
        }
        let login = stage.attempt(Surface::Client, slug, email, PASSWORD).await;
        let refusal = sessions::log_in(&stage.identity, login).await.unwrap_err();
        let LoginError::Throttled { retry_after_secs } = refusal else { panic!("{refusal:?}") };
        assert!((1..=30).contains(&retry_after_secs), "{retry_after_secs}");
    }
    stage.clock.move_to(stage.clock.now() + TimeDelta::seconds(31));
    stage.log_in(Surface::Client, "ada@greenfork.test", PASSWORD).await.unwrap();
    for _ in 0..4 {
        let refusal = stage.log_in(Surface::Client, "ada@greenfork.test", "a wrong password").await;
        assert!(matches!(refusal, Err(LoginError::Refused)), "the success had reset the count");
    }
}

#[tokio::test]
async fn guesses_sent_at_once_learn_no_more_than_five() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    let mut guesses = Vec::new();
    for _ in 0..20 {
        guesses.push(stage.log_in(Surface::Client, "ada@greenfork.test", "a wrong password"));
    }
    let outcomes = futures::future::join_all(guesses).await;
    let learned = outcomes.iter().filter(|o| matches!(o, Err(LoginError::Refused))).count();
    let throttled =
        outcomes.iter().filter(|o| matches!(o, Err(LoginError::Throttled { .. }))).count();
    assert_eq!((learned, throttled), (5, 15));
}

#[tokio::test]
async fn many_right_logins_at_once_all_succeed_and_five_sessions_live() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    let logins = (0..8).map(|_| stage.log_in(Surface::Client, "ada@greenfork.test", PASSWORD));
    for outcome in futures::future::join_all(logins).await {
        outcome.unwrap();
    }
    let live = stage.count("SELECT count(*) FROM identity_sessions WHERE ended_at IS NULL").await;
    assert_eq!(live, i64::try_from(MOST_LIVE).unwrap());
}

#[tokio::test]
async fn the_sixth_login_ends_the_oldest_session() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    let mut tokens = Vec::new();
    for _ in 0..=MOST_LIVE {
        tokens.push(stage.token(Surface::Client, "ada@greenfork.test").await);
        stage.clock.move_to(stage.clock.now() + TimeDelta::seconds(1));
        assert!(stage.actor(Surface::Client, &tokens[tokens.len() - 1]).await.is_some());
    }
    assert!(stage.actor(Surface::Client, &tokens[0]).await.is_none());
    for token in &tokens[1..] {
        assert!(stage.actor(Surface::Client, token).await.is_some());
    }
}

#[tokio::test]
async fn logging_in_again_with_the_same_browser_ends_the_session_it_held() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    let old = stage.token(Surface::Client, "ada@greenfork.test").await;
    assert!(stage.actor(Surface::Client, &old).await.is_some());
    let mut login =
        stage.attempt(Surface::Client, "greenfork", "ada@greenfork.test", PASSWORD).await;
    login.presented = Some(old.clone());
    let new = sessions::log_in(&stage.identity, login).await.unwrap().token;
    assert!(stage.actor(Surface::Client, &old).await.is_none());
    assert!(stage.actor(Surface::Client, &new).await.is_some());
}
