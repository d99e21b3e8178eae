//! The end of a chain.

use bk_persistence::{DbError, TenantTx};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::{hash::Hash, row::hash_of};

/// The last entry of a tenant's chain: what a checkpoint outside the database signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are; 0 for an empty chain.
    pub seq: i64,
    /// The hash of the last one; [`Hash::GENESIS`] for an empty chain.
    pub hash: Hash,
}

impl Head {
    /// Of a chain without entries.
    pub const EMPTY: Self = Self { seq: 0, hash: Hash::GENESIS };

    fn from_row(row: &QueryResult) -> Result<Self, DbError> {
        Ok(Self { seq: row.try_get("", "seq")?, hash: hash_of(row, "hash")? })
    }
}

/// The head of the tenant's chain, without locking it.
pub async fn head(tx: &TenantTx) -> Result<Head, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT seq, hash FROM audit_heads WHERE tenant_id = $1",
        [tx.tenant_id().uuid().into()],
    );
    tx.query_one_raw(statement).await?.map_or(Ok(Head::EMPTY), |row| Head::from_row(&row))
}

/// Locks the head until the transaction ends, making it when there is none, and reads it as the
/// transaction before has left it. One statement does all three.
pub(crate) async fn lock(tx: &TenantTx) -> Result<Head, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO audit_heads AS head (tenant_id, seq, hash) VALUES ($1, 0, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET seq = head.seq
         RETURNING seq, hash",
        [tx.tenant_id().uuid().into(), Hash::GENESIS.0.to_vec().into()],
    );
    let row = tx
        .query_one_raw(statement)
        .await?
        .ok_or_else(|| DbError::other("the audit head was not returned"))?;
    Head::from_row(&row)
}
