//! Pages of what is read from the book in memory.

use bk_kernel::{Cursor, Limit, Page};
use uuid::Uuid;

/// One page of entries that come in the order of their ids.
pub(super) fn page<'a, T: Clone + 'a>(
    entries: impl Iterator<Item = (Uuid, &'a T)>,
    limit: Limit,
    after: Option<Cursor>,
) -> Page<(Uuid, T)> {
    let rows = entries
        .filter(|(id, _)| after.is_none_or(|Cursor(seen)| *id > seen))
        .take(usize::try_from(limit.rows() + 1).unwrap_or(usize::MAX))
        .map(|(id, entry)| (id, entry.clone()))
        .collect();
    Page::from_overfetch(rows, limit, |(id, _)| *id)
}
