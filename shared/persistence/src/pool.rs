//! One pool of connections per role, and the server-side limits its connections carry.

use std::time::Duration;

use deadpool::{
    Runtime,
    managed::{self, Manager, Metrics, PoolError, RecycleError, RecycleResult, Timeouts},
};
use sqlx::{
    ConnectOptions, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{DatabaseUrl, DbError, DbRole};

/// A connection idle for longer is checked before it is handed out; a busy one costs no round trip.
const IDLE_CHECK_AFTER: Duration = Duration::from_secs(30);

/// A connection is replaced after this long, so that a server that moved is noticed.
const CONNECTION_LIFETIME_MAX: Duration = Duration::from_mins(30);

/// The libraries' connections are closed when they were not used for this long.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

/// Limits of one pool and of each connection in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSettings {
    /// How many connections it opens at most.
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

/// The connections that transactions run on.
pub(crate) type Connections = managed::Pool<Connector>;

/// A connection of the pool, on loan.
pub(crate) type Connection = managed::Object<Connector>;

/// Opens connections and decides whether one can be lent again.
///
/// Not sqlx's own pool, which asks the server after every loan whether the connection still lives: a
/// round trip more for each transaction. A transaction returns only a connection that it ended
/// cleanly.
pub(crate) struct Connector {
    options: PgConnectOptions,
}

impl Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<PgConnection> {
        connect(&self.options).await
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<sqlx::Error> {
        if metrics.age() > CONNECTION_LIFETIME_MAX {
            return Err(RecycleError::message("it is too old"));
        }
        if metrics.last_used() > IDLE_CHECK_AFTER {
            connection.ping().await?;
        }
        Ok(())
    }
}

/// Makes the pool of a role and opens its first connection, so a wrong URL or role fails here.
pub(crate) async fn connections(
    url: &DatabaseUrl,
    role: DbRole,
    settings: &PoolSettings,
) -> Result<Connections, DbError> {
    let max = usize::try_from(settings.max_connections).unwrap_or(usize::MAX);
    let connections =
        Connections::builder(Connector { options: connect_options(url, role, settings) })
            .max_size(max)
            .timeouts(Timeouts {
                wait: Some(settings.acquire_timeout),
                create: Some(settings.acquire_timeout),
                recycle: Some(settings.acquire_timeout),
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| DbError::other("the pool has timeouts and no clock"))?;
    drop(borrow(&connections).await?);
    Ok(connections)
}

/// A connection, as soon as one is free.
pub(crate) async fn borrow(connections: &Connections) -> sqlx::Result<Connection> {
    // Four kilobytes that every future around a transaction would otherwise carry and copy.
    Box::pin(connections.get()).await.map_err(|error| match error {
        PoolError::Backend(error) => error,
        PoolError::Timeout(_) => sqlx::Error::PoolTimedOut,
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            sqlx::Error::PoolClosed
        }
    })
}

/// Opens a connection of its own: for the pool, and for what is done on a server rather than in a
/// transaction.
#[expect(clippy::disallowed_methods, reason = "the room that opens connections")]
pub(crate) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(options).await
}

/// A pool as the libraries want it that bring their own statements: migrations, queue, listener. It
/// connects when it is first used.
#[expect(clippy::disallowed_methods, reason = "the room that opens connections")]
pub(crate) fn for_libraries(url: &DatabaseUrl, role: DbRole, settings: &PoolSettings) -> PgPool {
    PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(IDLE_TIMEOUT)
        .max_lifetime(CONNECTION_LIFETIME_MAX)
        .connect_lazy_with(connect_options(url, role, settings))
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
    if matches!(role, DbRole::App | DbRole::Worker) {
        // Their statements name a tenant and follow an index, whatever the values are. Left to
        // itself the server plans every `LIMIT $n` anew, which takes longer than running it.
        options = options.options([("plan_cache_mode", "force_generic_plan")]);
    }
    if role == DbRole::Migrate {
        // Whatever a migration creates belongs to the owner.
        options = options.options([("role", crate::bootstrap::OWNER)]);
    }
    options
}
