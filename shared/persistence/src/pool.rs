//! One pool of connections per role, and the server-side limits its connections carry.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{DatabaseUrl, DbError, DbRole};

/// A connection idle for longer is checked before it is handed out; a busy one costs no round trip.
const CHECK_AFTER_IDLE: Duration = Duration::from_secs(30);

/// Limits of one pool and of each connection in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSettings {
    /// Connections at most.
    pub max_connections: u32,
    /// How long a caller waits for a free connection.
    pub acquire_timeout: Duration,
    /// The server cancels a statement that runs longer.
    pub statement_timeout: Duration,
    /// The server ends a connection that stays idle inside a transaction for longer.
    pub idle_in_transaction_timeout: Duration,
    /// Shown in `pg_stat_activity`, after the role: `bk_app/<name>`.
    pub application_name: String,
}

impl PoolSettings {
    /// Sensible limits of a role: requests are cut early, background work later.
    #[must_use]
    pub fn of(role: DbRole) -> Self {
        let (max_connections, statement_secs, idle_secs) = match role {
            DbRole::App => (16, 10, 15),
            DbRole::Worker => (8, 60, 60),
            DbRole::Platform => (4, 30, 15),
            DbRole::Migrate => (2, 600, 60),
            DbRole::Backup => (2, 3_600, 60),
        };
        Self {
            max_connections,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(statement_secs),
            idle_in_transaction_timeout: Duration::from_secs(idle_secs),
            application_name: "bk".to_owned(),
        }
    }

    /// The same limits with another number of connections.
    #[must_use]
    pub const fn with_connections(mut self, max: u32) -> Self {
        self.max_connections = max;
        self
    }
}

/// Opens a pool and its first connection, so a wrong URL or role fails here.
pub(crate) async fn open(
    url: &DatabaseUrl,
    role: DbRole,
    settings: &PoolSettings,
) -> Result<PgPool, DbError> {
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(Duration::from_mins(5))
        .max_lifetime(Duration::from_mins(30))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > CHECK_AFTER_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        // `Session` closes what did not end cleanly; this is the second bolt on the same door.
        .after_release(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect_with(connect_options(url, role, settings))
        .await?;
    Ok(pool)
}

/// What a connection of this role carries.
pub(crate) fn connect_options(
    url: &DatabaseUrl,
    role: DbRole,
    settings: &PoolSettings,
) -> PgConnectOptions {
    let millis = |duration: Duration| duration.as_millis().to_string();
    let mut options = url
        .with_role(role)
        .options()
        .application_name(&format!("{role}/{}", settings.application_name))
        .options([
            ("statement_timeout", millis(settings.statement_timeout)),
            ("idle_in_transaction_session_timeout", millis(settings.idle_in_transaction_timeout)),
            // Instants are written and read in UTC whatever the server's zone.
            ("TimeZone", "UTC".to_owned()),
        ])
        .disable_statement_logging();
    if role == DbRole::Migrate {
        // Whatever a migration creates belongs to the owner.
        options = options.options([("role", crate::bootstrap::OWNER)]);
    }
    options
}
