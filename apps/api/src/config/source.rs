//! Reading the environment, key by key. Collects mistakes instead of stopping at the first.

use std::{collections::BTreeMap, num::NonZero, path::PathBuf, thread};

use bk_persistence::{DatabaseUrl, DbRole};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Config, ConfigError, DatabaseSettings, Environment, MailSettings, Mistake, Role, RoleUrls,
    StorageSettings, StripeSettings,
};

/// The environment being read, with the mistakes found so far.
pub(super) struct Source {
    vars: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Source {
    /// What `reading` makes of `vars`, or every mistake it found.
    pub(super) fn read<T>(
        vars: BTreeMap<String, String>,
        reading: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let mut source = Self { vars, mistakes: Vec::new() };
        match reading(&mut source) {
            Some(settings) if source.mistakes.is_empty() => Ok(settings),
            _ => Err(ConfigError(source.mistakes)),
        }
    }

    pub(super) fn storage(&mut self) -> Option<StorageSettings> {
        let environment = self.environment()?;
        let database = self.database(environment);
        let admin = self.secret("DATABASE_ADMIN_URL").and_then(|text| {
            const EXAMPLE: &str = "postgres://postgres:secret@db:5432/postgres";
            let parsed = DatabaseUrl::parse(text.expose_secret());
            parsed
                .map_err(|error| self.mistake("DATABASE_ADMIN_URL", &error.to_string(), EXAMPLE))
                .ok()
        });
        Some(StorageSettings { environment, data_dir: self.data_dir(), database: database?, admin })
    }

    pub(super) fn config(&mut self) -> Option<Config> {
        let environment = self.environment();
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
        let environment = environment?;
        if environment == Environment::Production {
            self.refuse_conveniences();
        }
        let database = self.database(environment);
        let stripe = self.stripe(environment);
        let mail = self.mail(environment);
        let redis_url = self.secret("REDIS_URL");
        if environment == Environment::Production && redis_url.is_none() {
            self.missing("REDIS_URL", "production shares its rate limits", "redis://redis:6379");
        }
        let secret_key = self.secret_key(environment);
        let public_url = self.public_url(environment);
        Some(Config {
            environment,
            role: role?,
            http_addr: http_addr?,
            metrics_addr: metrics_addr?,
            http_workers: self.http_workers(),
            data_dir: self.data_dir(),
            public_url,
            clock,
            database: database?,
            redis_url,
            stripe: stripe?,
            mail: mail?,
            secret_key,
            trusted_proxies,
            demo_password: self.secret("BK_DEMO_PASSWORD"),
            rate_limits: rate_limits?,
        })
    }

    fn environment(&mut self) -> Option<Environment> {
        self.choice(
            "BK_ENV",
            "development",
            &[("development", Environment::Development), ("production", Environment::Production)],
        )
    }

    fn data_dir(&self) -> PathBuf {
        self.text("BK_DATA_DIR").unwrap_or_else(|| "./.bk".to_owned()).into()
    }

    /// One thread per core unless the setting says otherwise.
    fn http_workers(&mut self) -> usize {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        match self.optional("BK_HTTP_WORKERS", "2", "a number from 1 to 64") {
            None => cores.min(64),
            Some(workers @ 1..=64) => workers,
            Some(_) => {
                self.mistake("BK_HTTP_WORKERS", "a number from 1 to 64", "2");
                cores
            }
        }
    }

    /// Development conveniences are refused by name (architecture, Configuration).
    fn refuse_conveniences(&mut self) {
        for key in ["BK_CLOCK", "BK_DEMO_PASSWORD", "BK_DATA_DIR", "BK_SIMULATOR_ADDR"] {
            if self.text(key).is_some() {
                self.mistake(key, "is a development convenience; unset it in production", "");
            }
        }
        if self.text("BK_RATE_LIMITS").as_deref() == Some("off") {
            self.mistake("BK_RATE_LIMITS", "production is always limited", "on");
        }
    }

    fn database(&mut self, environment: Environment) -> Option<DatabaseSettings> {
        const EXAMPLE: &str = "postgres://bk_app:secret@db:5432/balance_kitchen";
        let Some(app) = self.secret("DATABASE_URL") else {
            if environment == Environment::Production {
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
                    self.mistake(
                        key,
                        &error.to_string(),
                        "postgres://bk_worker:secret@db:5432/balance_kitchen",
                    );
                    None
                }
            },
        }
    }

    fn stripe(&mut self, environment: Environment) -> Option<StripeSettings> {
        let Some(secret_key) = self.secret("STRIPE_SECRET_KEY") else {
            if environment == Environment::Production {
                self.missing("STRIPE_SECRET_KEY", "production has no simulator", "sk_live_…");
                return None;
            }
            let addr =
                self.optional("BK_SIMULATOR_ADDR", "127.0.0.1:8090", "an address and a port");
            return Some(StripeSettings::Simulator { addr });
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
        if environment == Environment::Production && api_base.is_some() {
            self.mistake(
                "STRIPE_API_BASE",
                "is a development convenience; unset it in production",
                "",
            );
        }
        Some(StripeSettings::Account { secret_key, api_base, webhook_secrets })
    }

    fn mail(&mut self, environment: Environment) -> Option<MailSettings> {
        let Some(url) = self.secret("SMTP_URL") else {
            if environment == Environment::Production {
                self.missing(
                    "SMTP_URL",
                    "production has no mailbox page",
                    "smtps://user:secret@mail:465",
                );
                return None;
            }
            return Some(MailSettings::Mailbox);
        };
        let Some(from) = self.text("MAIL_FROM") else {
            self.missing(
                "MAIL_FROM",
                "the sender of mail",
                "Balance Kitchen <kitchen@example.com>",
            );
            return None;
        };
        Some(MailSettings::Smtp { url, from })
    }

    fn secret_key(&mut self, environment: Environment) -> Option<SecretString> {
        const EXAMPLE: &str = "(output of: openssl rand -hex 32)";
        let key = self.secret("BK_SECRET_KEY");
        match &key {
            None if environment == Environment::Production => {
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

    fn public_url(&mut self, environment: Environment) -> Option<String> {
        const EXAMPLE: &str = "https://api.example.com";
        let Some(url) = self.text("BK_PUBLIC_URL") else {
            if environment == Environment::Production {
                self.missing("BK_PUBLIC_URL", "where browsers reach this API", EXAMPLE);
            }
            return None;
        };
        let url = url.trim_end_matches('/').to_owned();
        let plain = if environment == Environment::Development {
            url.strip_prefix("http://")
        } else {
            None
        };
        let authority = url.strip_prefix("https://").or(plain);
        if authority.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@'])) {
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
            self.mistake(
                "BK_TRUSTED_PROXIES",
                "networks separated by commas",
                "10.0.0.0/8,192.168.1.4",
            );
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
                self.mistake(
                    key,
                    &format!("{key}_FILE names a file that cannot be read ({})", error.kind()),
                    "…",
                );
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
