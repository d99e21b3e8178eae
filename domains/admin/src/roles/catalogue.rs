//! The permissions of all domains. Pure.

use std::collections::BTreeMap;

use bk_kernel::PermissionDef;

/// Permissions of customers about what is theirs.
pub(crate) const OWN: &str = "own.";
/// Permissions of operators.
pub(crate) const PLATFORM: &str = "platform.";

/// The permissions that exist, by key.
#[derive(Debug, Clone)]
pub(crate) struct Catalogue(BTreeMap<&'static str, PermissionDef>);

impl Catalogue {
    /// The catalogue of these permissions, in any order.
    pub(crate) fn new(permissions: Vec<PermissionDef>) -> Self {
        Self(permissions.into_iter().map(|def| (def.key, def)).collect())
    }

    /// Whether a permission with this key exists.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// All permissions, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PermissionDef> {
        self.0.values()
    }

    /// The permissions that a tenant may compose roles of, sorted by key.
    pub(crate) fn composable(&self) -> impl Iterator<Item = &PermissionDef> {
        self.iter().filter(|def| is_composable(def.key))
    }
}

/// Whether a permission may stand in a role that a tenant composes.
pub(crate) fn is_composable(key: &str) -> bool {
    !key.starts_with(OWN) && !key.starts_with(PLATFORM)
}
