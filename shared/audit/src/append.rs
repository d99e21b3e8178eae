//! Writing an entry.

use bk_persistence::store::*;
use chrono::{DurationRound, TimeDelta};

use crate::{
    details,
    entry::AuditEntry,
    hash::{self, Hash},
    head,
    row::Recorded,
};

/// Appends `entry` to the tenant's chain, in the caller's transaction. Fails when the database does.
///
/// Locks the tenant's head until the transaction ends: call it last (see the crate's page).
pub async fn append(tx: &TenantTx, entry: AuditEntry) -> Result<(), DbError> {
    let before = head::lock(tx).await?;
    let recorded = follow(tx, &before, entry);
    tenant_sql(
        tx,
        "WITH moved AS (
             UPDATE audit_heads SET seq = $2, hash = $12 WHERE tenant_id = $1
         )
         INSERT INTO audit_entries (tenant_id, seq, at, actor_id, actor_kind, action, subject_type,
                                    subject_id, request_id, details, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(recorded.seq)
    .bind(recorded.at)
    .bind_id_opt(recorded.actor_id)
    .bind(recorded.actor_kind)
    .bind(recorded.action)
    .bind(recorded.subject_type)
    .bind(recorded.subject_id)
    .bind_id_opt(recorded.request_id)
    .bind(recorded.details)
    .bind(recorded.prev_hash.0.to_vec())
    .bind(recorded.hash.0.to_vec())
    .execute(tx)
    .await?;
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
