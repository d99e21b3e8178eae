//! Writing an entry.

use bk_kernel::{RequestId, UserId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DurationRound, TimeDelta};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{
    details,
    entry::AuditEntry,
    hash::{self, Hash},
    head,
    row::Recorded,
};

/// Appends `entry` to the tenant's chain, in the caller's transaction.
///
/// Locks the tenant's head until the transaction ends: call it last (see the crate's page).
pub async fn append(tx: &TenantTx, entry: AuditEntry) -> Result<(), DbError> {
    let before = head::lock(tx).await?;
    let recorded = follow(tx, &before, entry);
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "WITH moved AS (
             UPDATE audit_heads SET seq = $2, hash = $12 WHERE tenant_id = $1
         )
         INSERT INTO audit_entries (tenant_id, seq, at, actor_id, actor_kind, action, subject_type,
                                    subject_id, request_id, details, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [
            tx.tenant_id().uuid().into(),
            recorded.seq.into(),
            recorded.at.into(),
            recorded.actor_id.map(UserId::uuid).into(),
            recorded.actor_kind.into(),
            recorded.action.into(),
            recorded.subject_type.into(),
            recorded.subject_id.into(),
            recorded.request_id.map(RequestId::uuid).into(),
            recorded.details.into(),
            recorded.prev_hash.0.to_vec().into(),
            recorded.hash.0.to_vec().into(),
        ],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}

/// The entry in its place after `before`.
fn follow(tx: &TenantTx, before: &head::Head, entry: AuditEntry) -> Recorded {
    let mut recorded = Recorded {
        seq: before.seq + 1,
        // Postgres keeps microseconds; a finer instant would hash to something it cannot give back.
        at: entry.at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(entry.at),
        actor_id: entry.actor,
        actor_kind: entry.actor_kind.as_str().to_owned(),
        action: entry.action.to_owned(),
        subject_type: entry.subject_type.to_owned(),
        subject_id: entry.subject_id,
        request_id: entry.request_id,
        details: details::clean(entry.details),
        prev_hash: before.hash,
        hash: Hash::GENESIS,
    };
    recorded.hash = hash::of(tx.tenant_id(), &recorded);
    recorded
}
