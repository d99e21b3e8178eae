//! The environment marker: one row that says what a database is for, so that a development program
//! never works on production data and the other way round.

use bk_kernel::Environment;
use sea_orm::ConnectionTrait;

use crate::{Database, DbError, store::sql};

/// Why a program refuses a database.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The marker names another environment.
    #[error("this is a {found} database and the program runs as {expected}; nothing was changed")]
    Mismatch {
        /// The environment that the program runs in.
        expected: Environment,
        /// The environment that the database is marked with.
        found: String,
    },
    /// The database has no marker: it was never migrated.
    #[error("the database carries no environment marker; run the migrations first")]
    Unmarked,
    /// The marker could not be read.
    #[error("the environment marker could not be read")]
    Database(#[from] DbError),
}

/// Fails with [`EnvironmentError::Mismatch`] when the database is marked for another environment, and
/// with [`EnvironmentError::Unmarked`] when it is not marked at all.
pub async fn check(database: &Database, expected: Environment) -> Result<(), EnvironmentError> {
    let found = database.global(async |tx| read(&tx).await).await?;
    compare(found, expected)
}

/// Reads the marker, on any connection. Fails in a database that was never migrated.
pub async fn read(connection: &impl ConnectionTrait) -> Result<Option<String>, DbError> {
    sql("SELECT name FROM environment").value_opt(connection).await
}

/// Compares a marker with the program's environment. Fails as [`check`] does.
pub fn compare(found: Option<String>, expected: Environment) -> Result<(), EnvironmentError> {
    match found {
        None => Err(EnvironmentError::Unmarked),
        Some(found) if found == expected.as_str() => Ok(()),
        Some(found) => Err(EnvironmentError::Mismatch { expected, found }),
    }
}
