//! Telling an event.

use bk_kernel::RequestId;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use crate::{DbError, TenantTx};

/// Writes an event and the wake-up for the relay, in one statement of the caller's transaction.
///
/// Transactions that tell of the same aggregate wait for each other until they commit, so the order
/// of `seq` is the order of commits. There is no `NOTIFY`: it would make all commits of the database
/// queue behind one lock.
pub async fn append(
    tx: &TenantTx,
    aggregate: &str,
    kind: &str,
    payload: &serde_json::Value,
    request_id: Option<RequestId>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "WITH turn AS MATERIALIZED (
             SELECT pg_advisory_xact_lock(hashtextextended($1::text || ' ' || $3, 0))
         ), event AS (
             INSERT INTO outbox (tenant_id, id, aggregate, kind, payload, request_id, occurred_at)
             SELECT $1, $2, $3, $4, $5, $6, $7 FROM turn
             RETURNING tenant_id
         )
         INSERT INTO outbox_wake (tenant_id) SELECT tenant_id FROM event",
        [
            tx.tenant_id().uuid().into(),
            Uuid::now_v7().into(),
            aggregate.into(),
            kind.into(),
            payload.clone().into(),
            request_id.map(RequestId::uuid).into(),
            at.into(),
        ],
    );
    tx.execute_raw(statement).await?;
    tx.told();
    Ok(())
}
