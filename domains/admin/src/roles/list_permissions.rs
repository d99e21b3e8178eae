//! The use case: staff see which permissions roles can be composed of.

use bk_kernel::{Authorized, Cursor, Limit, Page, PermissionDef};
use uuid::Uuid;

use super::catalogue::Catalogue;
use crate::permissions::RolesRead;

/// Returns a page of the permissions that a tenant may compose roles of, sorted by key. The cursor
/// carries the position in the catalogue, which only changes with a release.
pub(super) fn list_permissions(
    _ctx: &Authorized<RolesRead>,
    catalogue: &Catalogue,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Page<PermissionDef> {
    let positioned = catalogue.composable().zip(1_u128..);
    let after = cursor.map_or(0, |Cursor(position)| position.as_u128());
    let rows = positioned.filter(|(_, position)| *position > after);
    let rows = rows.take(usize::from(Limit::MAX) + 1).collect();
    Page::from_overfetch(rows, limit, |(_, position)| Uuid::from_u128(*position))
        .map(|(permission, _)| *permission)
}

#[cfg(test)]
mod tests {
    use bk_kernel::TenantId;
    use bk_testing::people;

    use super::*;

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let keys = ["a.read", "b.read", "c.read", "own.read", "platform.read"];
        let catalogue = Catalogue::new(keys.map(|key| PermissionDef { key, title: key }).to_vec());
        let at = "2026-11-25T00:00:00Z".parse().unwrap();
        let ctx = people::authorized_staff(TenantId::new(), at);
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = list_permissions(&ctx, &catalogue, Limit::new(2).unwrap(), cursor);
            seen.extend(page.items.iter().map(|permission| permission.key));
            let Some(next) = page.next_cursor else { break };
            cursor = Cursor::decode(&next);
        }
        assert_eq!(seen, ["a.read", "b.read", "c.read"]);
    }
}
