//! The settings of the process: typed, read once from the environment, checked before anything
//! starts. `.env.example` documents every key.
//!
//! A wrong or missing value stops the start with the key, what was expected and an example; all
//! mistakes are told at once. Secrets may be given as `KEY_FILE`, a path to a file that holds them.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf};

use bk_persistence::{DatabaseUrl, DbRole};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

/// Development or production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One command starts everything; conveniences are on.
    Development,
    /// Nothing is assumed, nothing is convenient.
    Production,
}

/// Which part of the product this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Requests and background work.
    All,
    /// Requests only.
    Api,
    /// Background work only.
    Worker,
}

impl Role {
    /// Whether requests are answered.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::All | Self::Api)
    }

    /// Whether background work is done.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }
}

/// Where the database is.
#[derive(Clone)]
pub enum DatabaseSettings {
    /// A PostgreSQL this process starts in the data directory.
    Embedded,
    /// A server somebody runs, one URL per role.
    Server(RoleUrls),
}

/// The URL of each database role. `DATABASE_URL` names the API's; the others are derived from it
/// by the role's name unless given.
#[derive(Clone)]
pub struct RoleUrls {
    /// For requests.
    pub app: DatabaseUrl,
    /// For background work.
    pub worker: DatabaseUrl,
    /// For the few cross-tenant reads of operators.
    pub platform: DatabaseUrl,
    /// For migrations.
    pub migrate: DatabaseUrl,
}

/// How payments are made.
#[derive(Clone)]
pub enum StripeSettings {
    /// The simulator, started by this process.
    Simulator,
    /// Stripe itself, or whatever answers at `api_base`.
    Account {
        /// `sk_live_…` or `sk_test_…`.
        secret_key: SecretString,
        /// Another base URL than Stripe's.
        api_base: Option<String>,
        /// Signing secrets of the webhook endpoint; two while one is being replaced.
        webhook_secrets: Vec<SecretString>,
    },
}

/// Where mail goes.
#[derive(Clone)]
pub enum MailSettings {
    /// The mailbox page `/dev/mail`.
    Mailbox,
    /// An SMTP server.
    Smtp {
        /// `smtps://user:password@host`.
        url: SecretString,
        /// The sender.
        from: String,
    },
}

/// Every setting.
#[derive(Clone)]
pub struct Config {
    /// `BK_ENV`.
    pub mode: Mode,
    /// `BK_ROLE`.
    pub role: Role,
    /// `BK_HTTP_ADDR`.
    pub http_addr: SocketAddr,
    /// `BK_METRICS_ADDR`.
    pub metrics_addr: SocketAddr,
    /// `BK_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `BK_PUBLIC_URL`, without a trailing slash.
    pub public_url: String,
    /// `BK_CLOCK`.
    pub clock: Option<DateTime<Utc>>,
    /// `DATABASE_URL` and its kin.
    pub database: DatabaseSettings,
    /// `REDIS_URL`.
    pub redis_url: Option<SecretString>,
    /// `STRIPE_*`.
    pub stripe: StripeSettings,
    /// `SMTP_URL`, `MAIL_FROM`.
    pub mail: MailSettings,
    /// `BK_SECRET_KEY`, 32 bytes; none in development, where one is made and kept in the data
    /// directory.
    pub secret_key: Option<SecretString>,
    /// `BK_TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// `BK_DEMO_PASSWORD`, development only.
    pub demo_password: SecretString,
    /// `BK_RATE_LIMITS`: `on`, or `off` in development for measuring.
    pub rate_limits: bool,
}

/// One refused setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The key.
    pub key: &'static str,
    /// What was wrong or expected; never the value of a secret.
    pub expected: String,
    /// A value that would do.
    pub example: &'static str,
}

/// Everything that was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Mistake>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The settings are not usable; nothing was started.")?;
        for Mistake { key, expected, example } in &self.0 {
            writeln!(f, "  {key}: {expected}; for example {key}={example}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(std::env::vars().collect())
    }

    /// Reads settings from `vars`.
    pub fn read(vars: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut source = Source { vars, mistakes: Vec::new() };
        let config = source.config();
        if source.mistakes.is_empty() {
            config.ok_or_else(|| ConfigError(Vec::new()))
        } else {
            Err(ConfigError(source.mistakes))
        }
    }
}

/// The environment being read, with the mistakes found so far.
struct Source {
    vars: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Source {
    fn config(&mut self) -> Option<Config> {
        let mode = self.choice(
            "BK_ENV",
            "development",
            &[("development", Mode::Development), ("production", Mode::Production)],
        );
        let role = self.choice(
            "BK_ROLE",
            "all",
            &[("all", Role::All), ("api", Role::Api), ("worker", Role::Worker)],
        );
        let http_addr = self.parsed("BK_HTTP_ADDR", "127.0.0.1:8080", "an address and a port");
        let metrics_addr =
            self.parsed("BK_METRICS_ADDR", "127.0.0.1:9090", "an address and a port");
        let rate_limits = self.choice("BK_RATE_LIMITS", "on", &[("on", true), ("off", false)]);
        let clock = self.optional("BK_CLOCK", "2026-11-27T03:00:00Z", "an RFC 3339 instant");
        let trusted_proxies = self.proxies();
        let mode = mode?;
        if mode == Mode::Production {
            self.refuse_conveniences();
        }
        let database = self.database(mode);
        let stripe = self.stripe(mode);
        let mail = self.mail(mode);
        let redis_url = self.secret("REDIS_URL");
        if mode == Mode::Production && redis_url.is_none() {
            self.missing("REDIS_URL", "production shares its rate limits", "redis://redis:6379");
        }
        let secret_key = self.secret_key(mode);
        let http_addr = http_addr?;
        let public_url = self.public_url(mode, http_addr);
        Some(Config {
            mode,
            role: role?,
            http_addr,
            metrics_addr: metrics_addr?,
            data_dir: self.text("BK_DATA_DIR").unwrap_or_else(|| "./.bk".to_owned()).into(),
            public_url: public_url?,
            clock,
            database: database?,
            redis_url,
            stripe: stripe?,
            mail: mail?,
            secret_key,
            trusted_proxies,
            demo_password: self
                .secret("BK_DEMO_PASSWORD")
                .unwrap_or_else(|| "demo-kitchen-please-change".into()),
            rate_limits: rate_limits?,
        })
    }

    /// Development conveniences are refused by name (architecture, Configuration).
    fn refuse_conveniences(&mut self) {
        for key in ["BK_CLOCK", "BK_DEMO_PASSWORD", "BK_DATA_DIR"] {
            if self.text(key).is_some() {
                self.mistake(key, "is a development convenience; unset it in production", "");
            }
        }
        if self.text("BK_RATE_LIMITS").as_deref() == Some("off") {
            self.mistake("BK_RATE_LIMITS", "production is always limited", "on");
        }
    }

    fn database(&mut self, mode: Mode) -> Option<DatabaseSettings> {
        const EXAMPLE: &str = "postgres://bk_app:secret@db:5432/balance_kitchen";
        let Some(app) = self.secret("DATABASE_URL") else {
            if mode == Mode::Production {
                self.missing("DATABASE_URL", "production has no embedded database", EXAMPLE);
                return None;
            }
            return Some(DatabaseSettings::Embedded);
        };
        let app = match DatabaseUrl::parse(app.expose_secret()) {
            Ok(url) => url,
            Err(error) => {
                self.mistake("DATABASE_URL", &error.to_string(), EXAMPLE);
                return None;
            }
        };
        let worker = self.role_url("DATABASE_WORKER_URL", &app, DbRole::Worker);
        let platform = self.role_url("DATABASE_PLATFORM_URL", &app, DbRole::Platform);
        let migrate = self.role_url("DATABASE_MIGRATE_URL", &app, DbRole::Migrate);
        Some(DatabaseSettings::Server(RoleUrls {
            app,
            worker: worker?,
            platform: platform?,
            migrate: migrate?,
        }))
    }

    fn role_url(
        &mut self,
        key: &'static str,
        app: &DatabaseUrl,
        role: DbRole,
    ) -> Option<DatabaseUrl> {
        match self.secret(key) {
            None => Some(app.with_role(role)),
            Some(text) => match DatabaseUrl::parse(text.expose_secret()) {
                Ok(url) => Some(url),
                Err(error) => {
                    self.mistake(key, &error.to_string(), "postgres://bk_worker:secret@db:5432/balance_kitchen");
                    None
                }
            },
        }
    }

    fn stripe(&mut self, mode: Mode) -> Option<StripeSettings> {
        let Some(secret_key) = self.secret("STRIPE_SECRET_KEY") else {
            if mode == Mode::Production {
                self.missing("STRIPE_SECRET_KEY", "production has no simulator", "sk_live_…");
                return None;
            }
            return Some(StripeSettings::Simulator);
        };
        let key = secret_key.expose_secret();
        if !(key.starts_with("sk_") || key.starts_with("rk_")) {
            self.mistake("STRIPE_SECRET_KEY", "starts with sk_ or rk_", "sk_live_…");
        }
        let webhook_secrets: Vec<SecretString> = self
            .secret("STRIPE_WEBHOOK_SECRETS")
            .map(|list| {
                list.expose_secret()
                    .split(',')
                    .map(str::trim)
                    .filter(|secret| !secret.is_empty())
                    .map(|secret| secret.to_owned().into())
                    .collect()
            })
            .unwrap_or_default();
        if webhook_secrets.is_empty() || webhook_secrets.len() > 2 {
            self.mistake(
                "STRIPE_WEBHOOK_SECRETS",
                "one signing secret, or two separated by a comma while one is replaced",
                "whsec_…",
            );
        }
        let api_base = self.text("STRIPE_API_BASE");
        if mode == Mode::Production && api_base.is_some() {
            self.mistake("STRIPE_API_BASE", "is a development convenience; unset it in production", "");
        }
        Some(StripeSettings::Account { secret_key, api_base, webhook_secrets })
    }

    fn mail(&mut self, mode: Mode) -> Option<MailSettings> {
        let Some(url) = self.secret("SMTP_URL") else {
            if mode == Mode::Production {
                self.missing("SMTP_URL", "production has no mailbox page", "smtps://user:secret@mail:465");
                return None;
            }
            return Some(MailSettings::Mailbox);
        };
        let Some(from) = self.text("MAIL_FROM") else {
            self.missing("MAIL_FROM", "the sender of mail", "Balance Kitchen <kitchen@example.com>");
            return None;
        };
        Some(MailSettings::Smtp { url, from })
    }

    fn secret_key(&mut self, mode: Mode) -> Option<SecretString> {
        const EXAMPLE: &str = "(output of: openssl rand -hex 32)";
        let key = self.secret("BK_SECRET_KEY");
        match &key {
            None if mode == Mode::Production => {
                self.missing("BK_SECRET_KEY", "production generates no keys", EXAMPLE);
            }
            Some(key)
                if key.expose_secret().len() != 64
                    || !key.expose_secret().bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                self.mistake("BK_SECRET_KEY", "64 hexadecimal digits", EXAMPLE);
            }
            _ => {}
        }
        key
    }

    fn public_url(&mut self, mode: Mode, http_addr: SocketAddr) -> Option<String> {
        const EXAMPLE: &str = "https://api.example.com";
        let Some(url) = self.text("BK_PUBLIC_URL") else {
            if mode == Mode::Production {
                self.missing("BK_PUBLIC_URL", "where browsers reach this API", EXAMPLE);
                return None;
            }
            return Some(format!("http://{http_addr}"));
        };
        let url = url.trim_end_matches('/').to_owned();
        let secure = url.starts_with("https://");
        if !(secure || mode == Mode::Development && url.starts_with("http://")) {
            self.mistake("BK_PUBLIC_URL", "an https:// URL without a path", EXAMPLE);
        }
        Some(url)
    }

    fn proxies(&mut self) -> Vec<ipnet::IpNet> {
        let list = self.text("BK_TRUSTED_PROXIES").unwrap_or_default();
        let parsed: Result<Vec<ipnet::IpNet>, _> = list
            .split(',')
            .map(str::trim)
            .filter(|net| !net.is_empty())
            .map(|net| {
                net.parse().or_else(|_| net.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
            })
            .collect();
        parsed.unwrap_or_else(|_| {
            self.mistake("BK_TRUSTED_PROXIES", "networks separated by commas", "10.0.0.0/8,192.168.1.4");
            Vec::new()
        })
    }

    /// The value, if set and not blank.
    fn text(&self, key: &str) -> Option<String> {
        self.vars.get(key).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The value of `KEY`, or of the file that `KEY_FILE` names.
    fn secret(&mut self, key: &'static str) -> Option<SecretString> {
        if let Some(value) = self.text(key) {
            return Some(value.into());
        }
        let path = self.text(&format!("{key}_FILE"))?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim().to_owned().into()),
            Err(error) => {
                self.mistake(key, &format!("{key}_FILE names a file that cannot be read ({})", error.kind()), "…");
                None
            }
        }
    }

    fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        default: &'static str,
        options: &[(&'static str, T)],
    ) -> Option<T> {
        let value = self.text(key).unwrap_or_else(|| default.to_owned());
        let chosen = options.iter().find(|(name, _)| *name == value).map(|(_, option)| *option);
        if chosen.is_none() {
            let names: Vec<&str> = options.iter().map(|(name, _)| *name).collect();
            self.mistake(key, &format!("one of {}", names.join(", ")), default);
        }
        chosen
    }

    fn parsed<T: std::str::FromStr>(
        &mut self,
        key: &'static str,
        default: &'static str,
        expected: &str,
    ) -> Option<T> {
        let value = self.text(key).unwrap_or_else(|| default.to_owned());
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.mistake(key, expected, default);
        }
        parsed
    }

    fn optional<T: std::str::FromStr>(
        &mut self,
        key: &'static str,
        example: &'static str,
        expected: &str,
    ) -> Option<T> {
        let value = self.text(key)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.mistake(key, expected, example);
        }
        parsed
    }

    fn missing(&mut self, key: &'static str, why: &str, example: &'static str) {
        self.mistake(key, &format!("is required: {why}"), example);
    }

    fn mistake(&mut self, key: &'static str, expected: &str, example: &'static str) {
        self.mistakes.push(Mistake { key, expected: expected.to_owned(), example });
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(config.mode, Mode::Development);
        assert_eq!(config.http_addr.to_string(), "127.0.0.1:8080");
        assert!(matches!(config.database, DatabaseSettings::Embedded));
        assert!(matches!(config.stripe, StripeSettings::Simulator));
    }

    #[test]
    fn production_names_everything_it_lacks_at_once() {
        assert_eq!(
            keys(&[("BK_ENV", "production")]),
            ["DATABASE_URL", "STRIPE_SECRET_KEY", "SMTP_URL", "REDIS_URL", "BK_SECRET_KEY", "BK_PUBLIC_URL"]
        );
    }

    #[test]
    fn a_complete_production_is_accepted_and_derives_the_role_urls() {
        let config = read(PRODUCTION).unwrap();
        assert_eq!(config.public_url, "https://api.example.com");
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
        assert!(text.contains("BK_HTTP_ADDR: an address and a port; for example BK_HTTP_ADDR=127.0.0.1:8080"), "{text}");
        assert!(text.contains("BK_ROLE: one of all, api, worker"), "{text}");
    }

    #[test]
    fn a_wrong_secret_is_never_repeated() {
        let error = read(&[("DATABASE_URL", "hunter2"), ("BK_SECRET_KEY", "hunter2")]).err().unwrap();
        assert!(!error.to_string().contains("hunter2"));
    }
}
