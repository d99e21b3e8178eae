//! A page of the log.

use bk_audit::{Filter, Recorded};
use bk_kernel::{Cursor, Limit, Page, Permit};
use bk_persistence::DbError;
use uuid::Uuid;

use crate::{Admin, acting::Acting, permissions::AuditRead};

/// Entries of the caller's tenant, newest first. The cursor carries the `seq` of the last one seen,
/// so that a page is stable while the log grows.
pub(super) async fn read_audit(
    admin: &Admin,
    _: Permit<AuditRead>,
    by: &Acting,
    filter: Filter,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Recorded>, DbError> {
    let before = after.map(position);
    let scope = admin.db().tenant(by.tenant_id());
    let rows =
        scope.read(move |tx| async move { bk_audit::page(&tx, &filter, before, limit).await });
    Ok(Page::from_overfetch(rows.await?, limit, |entry| cursor_id(entry.seq)))
}

/// A `seq` in the form of a cursor. It is never negative.
fn cursor_id(seq: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(seq).unwrap_or(0))
}

/// The `seq` a cursor carries; one that carries none starts at the newest.
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
