//! Ids that follow from the tenant's slug, the kind of thing and its key, and sort like the files:
//! lists of the product are in the order of ids.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// An instant before any demo: the first thing of a file is a version 7 id of this millisecond, each
/// further one of the next. 2026-01-01T00:00:00Z.
const FIRST_MILLISECOND: u64 = 1_767_225_600_000;

/// Makes the ids of one tenant.
pub(super) struct Ids<'a> {
    pub(super) slug: &'a str,
}

impl Ids<'_> {
    /// The id of the thing with this key, which stands in this place of its list.
    pub(super) fn at(&self, place: usize, kind: &str, key: &str) -> Uuid {
        let mut hasher = Sha256::new();
        for part in [self.slug, kind, key] {
            // A length in front keeps ("a", "bc") and ("ab", "c") apart.
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; 10];
        bytes.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
        let place = u64::try_from(place).unwrap_or(u64::MAX / 2);
        Builder::from_unix_timestamp_millis(FIRST_MILLISECOND + place, &bytes).into_uuid()
    }

    /// The id of a thing of a list, found by its key. What no list has gets an id that nothing has,
    /// and the database refuses the reference.
    pub(super) fn of<T>(&self, list: &[T], key_of: fn(&T) -> &str, kind: &str, key: &str) -> Uuid {
        let place = list.iter().position(|one| key_of(one) == key);
        place.map_or(Uuid::nil(), |place| self.at(place, kind, key))
    }
}
