//! The end of a chain.

use bk_persistence::store::*;

use crate::{hash::Hash, row::stored_hash};

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

    fn from_row(row: &HeadRow) -> Result<Self, DbError> {
        Ok(Self { seq: row.seq, hash: stored_hash(&row.hash)? })
    }
}

#[derive(FromQueryResult)]
struct HeadRow {
    seq: i64,
    hash: Vec<u8>,
}

/// Returns the head of the tenant's chain, without locking it.
pub async fn head(tx: &TenantTx) -> Result<Head, DbError> {
    let row = tenant_sql(tx, "SELECT seq, hash FROM audit_heads WHERE tenant_id = $1");
    row.one(tx).await?.as_ref().map_or(Ok(Head::EMPTY), Head::from_row)
}

/// Locks the head until the transaction ends, creating it when there is none, and returns it as the
/// transaction before has left it. One statement does all three.
pub(crate) async fn lock(tx: &TenantTx) -> Result<Head, DbError> {
    let row = tenant_sql(
        tx,
        "INSERT INTO audit_heads AS head (tenant_id, seq, hash) VALUES ($1, 0, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET seq = head.seq
         RETURNING seq, hash",
    )
    .bind(Hash::GENESIS.0.to_vec())
    .one(tx)
    .await?
    .ok_or_else(|| DbError::other("the audit head was not returned"))?;
    Head::from_row(&row)
}
