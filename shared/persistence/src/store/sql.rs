//! Statements written as SQL: upserts, explicit locks, common table expressions, joins of three.

use std::borrow::Cow;

use bk_kernel::StringEnum;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult, Statement, TryGetable, Value,
};
use uuid::Uuid;

use super::words::literal;
use crate::{DbError, TenantTx};

/// A statement with its parameters, `$1` first. Made by [`sql`] or [`tenant_sql`].
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing until it is run"]
pub struct Sql {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// A statement without parameters yet. Its text is written in the program, never put together from
/// values.
pub const fn sql(text: &'static str) -> Sql {
    Sql { text: Cow::Borrowed(text), values: Vec::new() }
}

/// A statement whose `$1` is the transaction's tenant.
pub fn tenant_sql(tx: &TenantTx, text: &'static str) -> Sql {
    sql(text).bind_id(tx.tenant_id())
}

impl Sql {
    /// Gives the next parameter a value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Gives the next parameter an id.
    pub fn bind_id(self, id: impl Into<Uuid>) -> Self {
        self.bind(id.into())
    }

    /// Gives the next parameter ids: `= ANY ($2)`.
    pub fn bind_ids<I: Into<Uuid>>(self, ids: impl IntoIterator<Item = I>) -> Self {
        self.bind(ids.into_iter().map(Into::into).collect::<Vec<Uuid>>())
    }

    /// Gives the next parameter an id, or null.
    pub fn bind_id_opt(self, id: Option<impl Into<Uuid>>) -> Self {
        self.bind(id.map(Into::into))
    }

    /// Gives the next parameter the word of an enum, as it is stored.
    pub fn bind_word(self, word: impl StringEnum) -> Self {
        self.bind(word.word())
    }

    /// Puts the word of an enum into the text, as a literal, in place of `{name}`: where the server
    /// must see it to choose a partial index. Everywhere else use [`bind_word`](Self::bind_word).
    pub fn constant(mut self, name: &str, word: impl StringEnum) -> Self {
        let mark = ["{", name, "}"].concat();
        self.text = Cow::Owned(self.text.replace(&mark, &literal(word)));
        self
    }

    /// Runs it. Returns how many rows it changed.
    pub async fn execute(self, connection: &impl ConnectionTrait) -> Result<u64, DbError> {
        Ok(connection.execute_raw(self.statement()).await?.rows_affected())
    }

    /// Runs it. Returns the first row, if there is one.
    pub async fn one<T: FromQueryResult>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<T>, DbError> {
        let row = connection.query_one_raw(self.statement()).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// Runs it. Returns every row.
    pub async fn all<T: FromQueryResult>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<T>, DbError> {
        let rows = connection.query_all_raw(self.statement()).await?;
        Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }

    /// Runs it. Returns the first column of the first row; fails when there is no row, as `count(*)`
    /// and `EXISTS` always give one.
    pub async fn value<T: TryGetable>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<T, DbError> {
        self.value_opt(connection).await?.ok_or_else(|| DbError::other("a query gave no row"))
    }

    /// Runs it. Returns the first column of the first row, if there is one.
    pub async fn value_opt<T: TryGetable>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<T>, DbError> {
        let row = connection.query_one_raw(self.statement()).await?;
        Ok(row.as_ref().map(first_column).transpose()?)
    }

    /// Runs it. Returns the first column of every row.
    pub async fn values<T: TryGetable>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<T>, DbError> {
        let rows = connection.query_all_raw(self.statement()).await?;
        Ok(rows.iter().map(first_column).collect::<Result<_, _>>()?)
    }

    /// Runs it. Returns whether there is any row.
    pub async fn exists(self, connection: &impl ConnectionTrait) -> Result<bool, DbError> {
        Ok(connection.query_one_raw(self.statement()).await?.is_some())
    }

    /// The statement as SeaORM takes it, for `Entity::find().from_raw_sql(…)`.
    #[must_use]
    pub fn statement(self) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, self.text, self.values)
    }
}

fn first_column<T: TryGetable>(row: &QueryResult) -> Result<T, DbErr> {
    row.try_get_by_index(0)
}
