//! Binding values to a statement, for the stores of the slices.

use sea_orm::{DbBackend, Statement, Value};

/// A Postgres statement with its binds.
pub(crate) fn sql<const N: usize>(text: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}
