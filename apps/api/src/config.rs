//! The settings of the process: typed, read once from the environment, checked before anything
//! starts. `.env.example` documents every key.
//!
//! A wrong or missing value stops the start with the key, what was expected and an example; all
//! mistakes are reported at once. Secrets may be given as `KEY_FILE`, a path to a file that holds them.

mod source;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf};

use bk_kernel::Environment;
use bk_persistence::DatabaseUrl;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use source::Source;

/// The password of the demo logins unless `BK_DEMO_PASSWORD` says otherwise.
pub const DEMO_PASSWORD: &str = "demo-kitchen-please-change";

/// Which part of the product this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Requests and background work.
    All,
    /// Answers requests and does no background work.
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
    /// A server that runs already, one URL per role.
    Server(RoleUrls),
}

/// The URL of each database role. `DATABASE_URL` names the API's; the others are derived from it
/// by the role's name unless given.
#[derive(Clone)]
pub struct RoleUrls {
    /// The API's role.
    pub app: DatabaseUrl,
    /// For background work.
    pub worker: DatabaseUrl,
    /// For the few cross-tenant reads of operators.
    pub platform: DatabaseUrl,
    /// The role that migrates the schema.
    pub migrate: DatabaseUrl,
}

/// How payments are made.
#[derive(Clone)]
pub enum StripeSettings {
    /// The simulator, started by the process that serves.
    Simulator {
        /// `BK_SIMULATOR_ADDR`; none for the usual address, or any free port when that is taken.
        addr: Option<SocketAddr>,
    },
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
        /// The sender of every message, `Name <address>`.
        from: String,
    },
}

/// All settings of the process.
#[derive(Clone)]
pub struct Config {
    /// `BK_ENV`.
    pub environment: Environment,
    /// `BK_ROLE`.
    pub role: Role,
    /// `BK_HTTP_ADDR`.
    pub http_addr: SocketAddr,
    /// `BK_METRICS_ADDR`.
    pub metrics_addr: SocketAddr,
    /// `BK_HTTP_WORKERS`: threads that answer requests.
    pub http_workers: usize,
    /// `BK_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `BK_PUBLIC_URL`, an origin without a trailing slash. None in development, where it follows
    /// from the address that was bound.
    pub public_url: Option<String>,
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
    /// `BK_DEMO_PASSWORD`, development only; [`DEMO_PASSWORD`] when none.
    pub demo_password: Option<SecretString>,
    /// `BK_RATE_LIMITS`: `on`, or `off` in development for measuring.
    pub rate_limits: bool,
}

/// Where data is kept: all that the command line needs of the settings.
#[derive(Clone)]
pub struct StorageSettings {
    /// `BK_ENV`.
    pub environment: Environment,
    /// `BK_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `DATABASE_URL` and its kin.
    pub database: DatabaseSettings,
    /// `DATABASE_ADMIN_URL`: who may create roles and the database; only for bootstrapping.
    pub admin: Option<DatabaseUrl>,
}

/// One refused setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The name of the variable.
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
            write!(f, "  {key}: {expected}")?;
            if !example.is_empty() {
                write!(f, "; for example {key}={example}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the room that reads the environment")]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(std::env::vars().collect())
    }

    /// Reads settings from `vars`.
    pub fn read(vars: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Source::read(vars, Source::config)
    }
}

impl StorageSettings {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the room that reads the environment")]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(std::env::vars().collect())
    }

    /// Reads settings from `vars`.
    pub fn read(vars: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Source::read(vars, Source::storage)
    }
}
