//! Stages 5 and 9: rate limits, and the counters in Redis.

use std::{sync::Arc, time::Duration};

use bk_guard::{
    RateClass, RateLimits, RateStore, RedisStore,
    limits::{ClassLimits, Quota, RateKey},
};
use bk_kernel::UserId;
use bk_testing::redis_url;

use crate::fixture::{Fixture, get, peer, post_json, send};

const LOGIN: &str = "/api/v1/client/auth/login";

fn two(by_ip: bool) -> ClassLimits {
    let quota = Some(Quota { burst: 2, window_secs: 3_600 });
    if by_ip {
        ClassLimits { by_ip: quota, by_actor: None }
    } else {
        ClassLimits { by_ip: None, by_actor: quota }
    }
}

fn limits() -> RateLimits {
    let mut limits = RateLimits::production();
    limits.login = two(true);
    limits.read = two(false);
    limits
}

fn login() -> actix_web::test::TestRequest {
    post_json(LOGIN).insert_header(("origin", "https://app.alpha.test"))
}

#[actix_web::test]
async fn an_address_gets_its_quota_and_then_a_time_to_retry() {
    let fixture = Fixture::with(|config| config.limits = limits()).await;
    let app = fixture.app().await;
    let first = send(&app, login()).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"login-ip\";q=2;w=3600"));
    assert_eq!(first.header("ratelimit"), Some("\"login-ip\";r=1;t=1800"));
    assert_eq!(send(&app, login()).await.status, 200);
    let third = send(&app, login()).await;
    assert_eq!(third.code(), "RATE_LIMITED");
    let wait: u64 = third.header("retry-after").unwrap().parse().unwrap();
    assert!((1_700..=1_800).contains(&wait), "{wait}");
    assert!(third.header("ratelimit").unwrap().starts_with("\"login-ip\";r=0"));
    let neighbour = login().peer_addr(peer("192.0.2.2"));
    assert_eq!(send(&app, neighbour).await.status, 200);
    // Health checks are free.
    assert_eq!(send(&app, get("/healthz")).await.status, 200);
}

#[actix_web::test]
async fn an_actor_has_one_quota_from_all_addresses() {
    let fixture = Fixture::with(|config| config.limits = limits()).await;
    let app = fixture.app().await;
    let me = |token, ip| fixture.browser(token, get("/api/v1/client/auth/me")).peer_addr(peer(ip));
    assert_eq!(send(&app, me("clara", "192.0.2.1")).await.status, 200);
    assert_eq!(send(&app, me("clara", "192.0.2.2")).await.status, 200);
    assert_eq!(send(&app, me("clara", "192.0.2.3")).await.code(), "RATE_LIMITED");
    assert_eq!(send(&app, me("carl", "192.0.2.3")).await.status, 200);
}

#[actix_web::test]
async fn only_trusted_proxies_may_name_another_address() {
    let fixture = Fixture::with(|config| config.limits = limits()).await;
    let app = fixture.app().await;
    let used_up = async |req: &dyn Fn() -> actix_web::test::TestRequest| {
        for _ in 0..2 {
            assert_eq!(send(&app, req()).await.status, 200);
        }
        assert_eq!(send(&app, req()).await.code(), "RATE_LIMITED");
    };
    // An untrusted caller's header changes nothing: 198.51.100.1 is 198.51.100.1.
    let mut forged = 0;
    let mut untrusted = || {
        forged += 1;
        login()
            .peer_addr(peer("198.51.100.1"))
            .insert_header(("x-forwarded-for", format!("203.0.113.{forged}")))
    };
    for expected in [200, 200, 429] {
        assert_eq!(send(&app, untrusted()).await.status, expected);
    }
    // Through proxies it is the rightmost address that is not a proxy, whatever stands left of it.
    used_up(&|| {
        login()
            .peer_addr(peer("10.0.0.1"))
            .insert_header(("x-forwarded-for", "1.2.3.4, 203.0.113.50, 10.0.0.9"))
    })
    .await;
    let other_claim = login()
        .peer_addr(peer("10.0.0.2"))
        .insert_header(("x-forwarded-for", "9.9.9.9, 203.0.113.50"));
    assert_eq!(send(&app, other_claim).await.status, 429);
    let standard = login()
        .peer_addr(peer("10.0.0.2"))
        .insert_header(("forwarded", "for=\"203.0.113.50:99\";proto=https"));
    assert_eq!(send(&app, standard).await.status, 429);
    // Two headers that disagree: neither is believed, the proxy itself is counted.
    used_up(&|| {
        login()
            .peer_addr(peer("10.0.0.77"))
            .insert_header(("x-forwarded-for", "203.0.113.60"))
            .insert_header(("forwarded", "for=203.0.113.61"))
    })
    .await;
}

#[actix_web::test]
async fn redis_counts_for_all_instances_together() {
    let Some(url) = redis_url("redis_counts_for_all_instances_together") else { return };
    let prefix = format!("bk-test:{}", UserId::new());
    let one = RedisStore::connect(&url, prefix.clone()).unwrap();
    let two = RedisStore::connect(&url, prefix).unwrap();
    one.ping().await.unwrap();
    let key = RateKey::Actor(RateClass::Login, UserId::new());
    let quota = Quota { burst: 3, window_secs: 3_600 };
    let first = one.check(key, quota, 1).await.unwrap();
    assert!(first.allowed && first.remaining == 2, "{first:?}");
    assert!(first.reset_after <= Duration::from_mins(20), "{first:?}");
    let second = two.check(key, quota, 2).await.unwrap();
    assert!(second.allowed && second.remaining == 0, "{second:?}");
    let third = one.check(key, quota, 1).await.unwrap();
    assert!(!third.allowed, "{third:?}");
    assert!(third.retry_after > Duration::from_secs(1_100), "{third:?}");
    assert!(third.retry_after <= Duration::from_mins(20), "{third:?}");
    // More than the quota ever holds.
    let other = RateKey::Actor(RateClass::Login, UserId::new());
    assert!(!two.check(other, quota, 4).await.unwrap().allowed);
    assert!(two.check(other, quota, 3).await.unwrap().allowed);
}

#[actix_web::test]
async fn when_redis_is_down_requests_are_refused_and_free_routes_are_not() {
    // A port on which nothing listens: bound once, so that it is this test's, and closed.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let store = RedisStore::connect(&format!("redis://127.0.0.1:{port}"), "bk").unwrap();
    let fixture = Fixture::with(|config| {
        config.limits = limits();
        config.store = Arc::new(store);
    })
    .await;
    let app = fixture.app().await;
    let answer = send(&app, login()).await;
    assert_eq!(answer.code(), "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(send(&app, get("/healthz")).await.status, 200);
}
