//! Publishing an event.

use bk_kernel::OperationContext;
use uuid::Uuid;

use crate::{DbError, TenantTx, store::tenant_sql};

/// Writes an event, as caused by the operation, and the wake-up for the relay, in one statement of the
/// caller's transaction.
///
/// Transactions that publish events of the same aggregate wait for each other until they commit, so
/// the order of `seq` is the order of commits. There is no `NOTIFY`: it would make all commits of the
/// database queue behind one lock.
pub async fn append(
    context: &OperationContext,
    tx: &TenantTx,
    aggregate: &str,
    kind: &str,
    payload: &serde_json::Value,
) -> Result<(), DbError> {
    tenant_sql(
        tx,
        "WITH aggregate_lock AS MATERIALIZED (
             SELECT pg_advisory_xact_lock(hashtextextended($1::text || ' ' || $3, 0))
         ), event AS (
             INSERT INTO outbox (tenant_id, id, aggregate, kind, payload, request_id, occurred_at)
             SELECT $1, $2, $3, $4, $5, $6, $7 FROM aggregate_lock
             RETURNING tenant_id
         )
         INSERT INTO outbox_wake (tenant_id) SELECT tenant_id FROM event",
    )
    .bind(Uuid::now_v7())
    .bind(aggregate)
    .bind(kind)
    .bind(payload.clone())
    .bind_id(context.request_id())
    .bind(context.at())
    .execute(tx)
    .await?;
    tx.mark_events();
    Ok(())
}
