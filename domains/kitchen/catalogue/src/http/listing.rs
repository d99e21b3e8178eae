//! Pages of what is read from the catalogue snapshot.

use bk_kernel::{Cursor, Limit, Page};
use uuid::Uuid;

/// Returns one page of entries that come in the order of their ids.
pub(super) fn page<T>(
    entries: impl Iterator<Item = (Uuid, T)>,
    (limit, after): (Limit, Option<Cursor>),
) -> Page<(Uuid, T)> {
    let rows = entries
        .filter(|(id, _)| after.is_none_or(|Cursor(seen)| *id > seen))
        .take(usize::try_from(limit.rows() + 1).unwrap_or(usize::MAX))
        .collect();
    Page::from_overfetch(rows, limit, |(id, _)| *id)
}
