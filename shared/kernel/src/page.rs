//! Keyset pages: `{"items": […], "next_cursor": …}` with `limit` 1 to 100, default 25. Lists are
//! ordered by a unique key (usually the time-ordered id), so a page is stable under inserts.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many rows a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// When the caller names none.
    pub const DEFAULT: Self = Self(25);
    /// The most a caller may ask for.
    pub const MAX: u16 = 100;

    /// A limit between 1 and [`Self::MAX`].
    #[must_use]
    pub const fn new(rows: u16) -> Option<Self> {
        if 1 <= rows && rows <= Self::MAX { Some(Self(rows)) } else { None }
    }

    /// Rows on a page.
    #[must_use]
    pub const fn rows(self) -> u64 {
        self.0 as u64
    }
}

/// An opaque position: the id of the last row the caller has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub Uuid);

impl Cursor {
    /// The text given to clients.
    #[must_use]
    pub fn encode(self) -> String {
        self.0.simple().to_string()
    }

    /// Reads what [`Self::encode`] wrote.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        (text.len() == 32).then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page starts, or null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of rows fetched with `limit + 1`: the extra row only tells that more follow.
    #[must_use]
    pub fn from_overfetch(mut rows: Vec<T>, limit: Limit, id: impl Fn(&T) -> Uuid) -> Self {
        let wanted = usize::from(limit.0);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = if more { rows.last().map(|row| Cursor(id(row)).encode()) } else { None };
        Self { items: rows, next_cursor }
    }

    /// The same page with each row changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_last_row_only_when_more_follow() {
        let ids: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let page = Page::from_overfetch(ids.clone(), Limit(2), |id| *id);
        assert_eq!(page.items, ids[..2]);
        assert_eq!(page.next_cursor.as_deref().and_then(Cursor::decode), Some(Cursor(ids[1])));
        assert_eq!(Page::from_overfetch(ids, Limit(3), |id| *id).next_cursor, None);
    }

    #[test]
    fn limits_are_one_to_a_hundred() {
        assert_eq!(Limit::new(0), None);
        assert_eq!(Limit::new(101), None);
        assert_eq!(Limit::new(100).map(Limit::rows), Some(100));
    }
}
