//! Reading the log, newest first.

use bk_kernel::{Limit, UserId};
use bk_persistence::{DbError, TenantTx};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::row::{COLUMNS, Recorded};

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this action only.
    pub action: Option<String>,
    /// Of this person only.
    pub actor: Option<UserId>,
}

/// Entries with a `seq` below `before` (all when none), newest first; one more than `limit`, so the
/// caller knows whether more follow.
pub async fn page(
    tx: &TenantTx,
    filter: &Filter,
    before: Option<i64>,
    limit: Limit,
) -> Result<Vec<Recorded>, DbError> {
    let rows = i64::try_from(limit.rows()).unwrap_or(i64::from(Limit::MAX)) + 1;
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        format!(
            "SELECT {COLUMNS} FROM audit_entries
             WHERE tenant_id = $1
               AND ($2::bigint IS NULL OR seq < $2)
               AND ($3::text IS NULL OR action = $3)
               AND ($4::uuid IS NULL OR actor_id = $4)
             ORDER BY seq DESC LIMIT $5"
        ),
        [
            tx.tenant_id().uuid().into(),
            before.into(),
            filter.action.clone().into(),
            filter.actor.map(UserId::uuid).into(),
            rows.into(),
        ],
    );
    tx.query_all_raw(statement).await?.iter().map(Recorded::from_row).collect()
}
