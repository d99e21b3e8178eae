//! A role, and who may change it. Pure.

use bk_kernel::{OperationContext, PermissionSet, RoleId};
use thiserror::Error;

use super::{
    builtin,
    catalogue::{Catalogue, is_composable},
};

/// Names a role in assignments: 2 to 40 of `a-z`, `0-9` and `_`, a letter first. Never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleKey(String);

impl RoleKey {
    /// Reads a key; none when the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (2..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the key names a built-in role of some tenant.
    pub(crate) fn is_reserved(&self) -> bool {
        builtin::RESERVED.contains(&self.0.as_str())
    }
}

/// What people call a role: 1 to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleTitle(String);

impl RoleTitle {
    /// Reads a title; none when the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=80).contains(&text.chars().count()) && crate::text::is_plain(text);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A role of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) id: RoleId,
    pub(crate) key: String,
    pub(crate) title: String,
    /// Keys of the catalogue, sorted, without duplicates.
    pub(crate) permissions: Vec<String>,
    /// Whether the role follows the catalogue, so that no tenant may change it.
    pub(crate) builtin: bool,
    /// Counts changes of the role; its `ETag`.
    pub(crate) version: i64,
}

impl Role {
    /// The permissions as a set.
    pub(crate) fn permission_set(&self) -> PermissionSet {
        self.permissions.iter().map(String::as_str).collect()
    }
}

/// The permissions of the person who acts; none when nobody has signed in.
pub(crate) fn held_by(ctx: &OperationContext) -> PermissionSet {
    ctx.actor().map(|actor| actor.permissions.clone()).unwrap_or_default()
}

/// A role to compose. The permissions are as the caller sent them.
#[derive(Debug, Clone)]
pub(crate) struct NewRole {
    pub(crate) key: RoleKey,
    pub(crate) title: RoleTitle,
    pub(crate) permissions: Vec<String>,
}

/// Why permissions may not be put into a role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum GrantError {
    /// The permission at this place of the list does not exist.
    #[error("unknown permission at {index}")]
    Unknown {
        /// The place in the list, from 0.
        index: usize,
    },
    /// The editor does not hold one of the permissions, or it belongs to built-in roles only.
    #[error("a permission the editor may not grant")]
    NotHeld,
}

/// Returns the permissions of a composed role, sorted and without duplicates. Nobody can grant a
/// permission they do not hold (docs/product.md, section 1).
///
/// Fails with [`GrantError`] when one of `requested` is not in the catalogue, is not for composed
/// roles, or is not among those that the editor holds.
pub(crate) fn grantable(
    catalogue: &Catalogue,
    held: &PermissionSet,
    requested: &[String],
) -> Result<Vec<String>, GrantError> {
    if requested.iter().any(|key| !is_composable(key)) {
        return Err(GrantError::NotHeld);
    }
    if let Some(index) = requested.iter().position(|key| !catalogue.contains(key)) {
        return Err(GrantError::Unknown { index });
    }
    if requested.iter().any(|key| !held.contains(key)) {
        return Err(GrantError::NotHeld);
    }
    let mut permissions = requested.to_vec();
    permissions.sort_unstable();
    permissions.dedup();
    Ok(permissions)
}

#[cfg(test)]
mod tests {
    use bk_kernel::PermissionDef;

    use super::*;

    #[test]
    fn an_editor_grants_only_what_they_hold_and_what_exists() {
        let keys = ["menu.read", "menu.write", "own.orders.read", "platform.tenants.read"];
        let catalogue = Catalogue::new(keys.map(|key| PermissionDef { key, title: key }).to_vec());
        // Even an editor who held the last two could not put them into a role.
        let held: PermissionSet =
            ["menu.read", "own.orders.read", "platform.tenants.read"].into_iter().collect();
        let grant = |requested: &[&str]| {
            let requested: Vec<_> = requested.iter().map(|key| (*key).to_owned()).collect();
            grantable(&catalogue, &held, &requested)
        };
        assert_eq!(grant(&[]), Ok(vec![]));
        assert_eq!(grant(&["menu.read", "menu.read"]), Ok(vec!["menu.read".to_owned()]));
        assert_eq!(grant(&["menu.read", "menu.fly"]), Err(GrantError::Unknown { index: 1 }));
        for refused in ["menu.write", "own.orders.read", "platform.tenants.read"] {
            assert_eq!(grant(&["menu.read", refused]), Err(GrantError::NotHeld), "{refused}");
        }
    }

    #[test]
    fn a_role_key_is_a_lower_case_word() {
        for refused in ["", "a", "1a", "_a", "Packer", "pack er", "päcker", &"a".repeat(41)] {
            assert_eq!(RoleKey::parse(refused), None, "{refused:?}");
        }
        assert!(RoleKey::parse("night_packer2").is_some_and(|key| !key.is_reserved()));
        assert!(RoleKey::parse("super_admin").is_some_and(|key| key.is_reserved()));
    }
}
