//! What can go wrong with the database, in the vocabulary stores act on.
//!
//! No text here carries SQL, parameters or the values of a row: Postgres puts them into messages
//! (`Key (email)=(…) already exists`), so its messages are kept only for classes of errors that
//! name nothing but objects of the schema.

use std::{convert::Infallible, error::Error, fmt};

use sea_orm::{DbErr, RuntimeErr};

/// A failed piece of database work.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached, is shutting down, or took too long: try later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Cause),
    /// A unique or exclusion constraint refused (SQLSTATE 23505, 23P01).
    #[error("a row conflicts with {constraint}")]
    Conflict {
        /// The name of the constraint or unique index.
        constraint: String,
    },
    /// A foreign key refused (SQLSTATE 23503).
    #[error("a row refers to nothing, or is referred to: {constraint}")]
    Reference {
        /// The name of the constraint.
        constraint: String,
    },
    /// A check constraint refused (SQLSTATE 23514).
    #[error("a row breaks {constraint}")]
    Check {
        /// The name of the constraint.
        constraint: String,
    },
    /// Another transaction won (SQLSTATE 40001 or 40P01): the whole transaction may be run again.
    #[error("the transaction lost to a concurrent one")]
    Serialization,
    /// A bug or a refusal that no caller can act on.
    #[error("a database operation failed")]
    Other(#[source] Cause),
}

/// Why, for operators. Safe to log: no SQL, no parameters, no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(String);

impl DbError {
    /// Whether the named constraint refused.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        matches!(
            self,
            Self::Conflict { constraint } | Self::Reference { constraint } | Self::Check { constraint }
                if constraint == name
        )
    }

    /// Whether the same work may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Serialization)
    }

    /// A value that could not be turned into JSON for the database, or back.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` takes")]
    pub fn encoding(error: serde_json::Error) -> Self {
        Self::Other(Cause(format!("JSON could not be written or read: {:?}", error.classify())))
    }

    /// A failure with a fixed explanation, which must not contain values.
    #[must_use]
    pub fn other(why: impl Into<String>) -> Self {
        Self::Other(Cause(why.into()))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Cause {}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(why) => Self::Unavailable(Cause(why.to_string())),
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::from(&*error),
            DbErr::Conn(RuntimeErr::Internal(_)) => {
                Self::Unavailable(Cause("no connection".to_owned()))
            }
            DbErr::RecordNotFound(_) => Self::other("the row does not exist"),
            DbErr::RecordNotInserted => Self::other("no row was inserted"),
            DbErr::RecordNotUpdated => Self::other("no row was updated"),
            DbErr::Type(_) | DbErr::TryIntoErr { .. } | DbErr::Json(_) => {
                Self::other("a column holds what its type cannot be read from")
            }
            DbErr::AttrNotSet(column) => Self::other(format!("column {column} was not set")),
            // Written by this crate, about transactions; other custom texts are ours as well.
            DbErr::Custom(why) => Self::Other(Cause(why)),
            _ => Self::other("the object-relational mapping refused the operation"),
        }
    }
}

/// Rows that every value can be read from have no failure to report.
impl From<Infallible> for DbError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&sqlx::Error> for DbError {
    fn from(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => from_postgres(refusal.as_ref()),
            sqlx::Error::Io(why) => {
                Self::Unavailable(Cause(format!("connection failed: {}", why.kind())))
            }
            sqlx::Error::Tls(_) => Self::Unavailable(Cause("TLS failed".to_owned())),
            sqlx::Error::PoolTimedOut => {
                Self::Unavailable(Cause("no free connection in time".to_owned()))
            }
            sqlx::Error::PoolClosed => Self::Unavailable(Cause("the pool is closed".to_owned())),
            sqlx::Error::WorkerCrashed => {
                Self::Unavailable(Cause("the connection's worker is gone".to_owned()))
            }
            sqlx::Error::RowNotFound => Self::other("the row does not exist"),
            sqlx::Error::ColumnNotFound(column) => {
                Self::other(format!("the result has no column {column}"))
            }
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::other(format!("column {index} could not be decoded"))
            }
            sqlx::Error::Protocol(_) => Self::other("the server broke the protocol"),
            _ => Self::other("the driver refused the operation"),
        }
    }
}

/// SQLSTATE classes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn from_postgres(refusal: &dyn sqlx::error::DatabaseError) -> DbError {
    let code = refusal.code().unwrap_or_default();
    let constraint = || refusal.constraint().unwrap_or("an unnamed constraint").to_owned();
    match &*code {
        "23505" | "23P01" => DbError::Conflict { constraint: constraint() },
        "23503" => DbError::Reference { constraint: constraint() },
        "23514" => DbError::Check { constraint: constraint() },
        "40001" | "40P01" => DbError::Serialization,
        // 57: an operator, a shutdown or a timeout cancelled it; 55P03: a lock was not to be had.
        code if ["08", "53", "57"].iter().any(|class| code.starts_with(class))
            || code == "55P03" =>
        {
            DbError::Unavailable(cause(code, refusal.message()))
        }
        code => DbError::Other(cause(code, refusal.message())),
    }
}

/// These classes' messages name schema objects, limits and states only.
fn cause(code: &str, message: &str) -> Cause {
    const MESSAGE_IS_SAFE: [&str; 11] =
        ["08", "0A", "23502", "25", "28", "3D", "3F", "42", "53", "55", "57"];
    // P0001 is raised by our own triggers and functions, which put no values into it.
    if code == "P0001" || MESSAGE_IS_SAFE.iter().any(|class| code.starts_with(class)) {
        Cause(format!("{message} (SQLSTATE {code})"))
    } else {
        Cause(format!("SQLSTATE {code}"))
    }
}

/// An error's text and those of its sources.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
