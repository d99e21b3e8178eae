//! The use case: staff read the audit log.

use bk_audit::{Filter, Recorded};
use bk_kernel::{Authorized, Cursor, Limit, Page};
use bk_persistence::{DbError, TenantTx};
use uuid::Uuid;

use crate::permissions::AuditRead;

/// Returns a page of the tenant's audit log, newest first. The cursor carries the `seq` of the last
/// entry of the page, so that pages are stable while the log grows.
pub(super) async fn list_audit_entries(
    _ctx: &Authorized<AuditRead>,
    tx: &TenantTx,
    filter: Filter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Recorded>, DbError> {
    let rows = bk_audit::page(tx, &filter, cursor.map(position), limit).await?;
    Ok(Page::from_overfetch(rows, limit, |entry| cursor_id(entry.seq)))
}

/// A `seq` in the form of a cursor. It is never negative.
fn cursor_id(seq: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(seq).unwrap_or(0))
}

/// The `seq` that a cursor carries; a cursor that carries none starts at the newest entry.
fn position(Cursor(id): Cursor) -> i64 {
    i64::try_from(id.as_u128()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_carries_the_place_in_the_log() {
        for seq in [1, 500, i64::MAX] {
            assert_eq!(position(Cursor(cursor_id(seq))), seq);
        }
        assert_eq!(position(Cursor(Uuid::max())), i64::MAX);
    }
}
