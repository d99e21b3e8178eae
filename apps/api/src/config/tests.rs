//! What is accepted, what is refused, and how a refusal reads.

use super::*;

fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
}

fn keys(vars: &[(&str, &str)]) -> Vec<&'static str> {
    read(vars).err().map(|e| e.0.into_iter().map(|m| m.key).collect()).unwrap_or_default()
}

const PRODUCTION: &[(&str, &str)] = &[
    ("BK_ENV", "production"),
    ("DATABASE_URL", "postgres://bk_app:x@db/bk"),
    ("REDIS_URL", "redis://redis"),
    ("STRIPE_SECRET_KEY", "sk_live_x"),
    ("STRIPE_WEBHOOK_SECRETS", "whsec_a,whsec_b"),
    ("SMTP_URL", "smtps://mail"),
    ("MAIL_FROM", "kitchen@example.com"),
    ("BK_SECRET_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
    ("BK_PUBLIC_URL", "https://api.example.com/"),
];

#[test]
fn nothing_set_means_development_with_everything_included() {
    let config = read(&[]).unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.http_addr.to_string(), "127.0.0.1:8080");
    assert!(matches!(config.database, DatabaseSettings::Embedded));
    assert!(matches!(config.stripe, StripeSettings::Simulator { addr: None }));
}

#[test]
fn production_names_everything_it_lacks_at_once() {
    assert_eq!(
        keys(&[("BK_ENV", "production")]),
        [
            "DATABASE_URL",
            "STRIPE_SECRET_KEY",
            "SMTP_URL",
            "REDIS_URL",
            "BK_SECRET_KEY",
            "BK_PUBLIC_URL"
        ]
    );
}

#[test]
fn a_complete_production_is_accepted_and_derives_the_role_urls() {
    let config = read(PRODUCTION).unwrap();
    assert_eq!(config.public_url.as_deref(), Some("https://api.example.com"));
    let DatabaseSettings::Server(urls) = config.database else { panic!("embedded") };
    assert!(urls.worker.expose().starts_with("postgres://bk_worker:x@db"));
}

#[test]
fn production_refuses_each_development_convenience_by_name() {
    for (key, value) in [
        ("BK_CLOCK", "2026-11-27T03:00:00Z"),
        ("BK_DEMO_PASSWORD", "something"),
        ("BK_DATA_DIR", "/tmp/bk"),
        ("BK_RATE_LIMITS", "off"),
        ("BK_SIMULATOR_ADDR", "127.0.0.1:1"),
        ("STRIPE_API_BASE", "http://127.0.0.1:1"),
    ] {
        let vars: Vec<_> = PRODUCTION.iter().copied().chain([(key, value)]).collect();
        assert_eq!(keys(&vars), [key]);
    }
}

#[test]
fn a_bad_value_says_key_expectation_and_example() {
    let error = read(&[("BK_HTTP_ADDR", "localhost"), ("BK_ROLE", "both")]).err().unwrap();
    let text = error.to_string();
    assert!(
        text.contains(
            "BK_HTTP_ADDR: an address and a port; for example BK_HTTP_ADDR=127.0.0.1:8080"
        ),
        "{text}"
    );
    assert!(text.contains("BK_ROLE: one of all, api, worker"), "{text}");
}

#[test]
fn a_wrong_secret_is_never_repeated() {
    let error = read(&[("DATABASE_URL", "hunter2"), ("BK_SECRET_KEY", "hunter2")]).err().unwrap();
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn the_public_url_is_an_origin() {
    for url in ["https://api.example.com/v1", "api.example.com", "https://", "https://me@host"] {
        assert_eq!(keys(&[("BK_PUBLIC_URL", url)]), ["BK_PUBLIC_URL"], "{url}");
    }
}
