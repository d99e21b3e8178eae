//! What roles permit.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bk_contracts::identity::RoleCatalogue;
use bk_kernel::PermissionSet;
use bk_persistence::{DbError, TenantTx};

/// The same roles in every tenant.
#[derive(Debug, Clone, Default)]
pub struct FakeRoles(Arc<BTreeMap<&'static str, &'static [&'static str]>>);

impl FakeRoles {
    /// Roles by key, with the keys of what they permit.
    #[must_use]
    pub fn new(roles: impl IntoIterator<Item = (&'static str, &'static [&'static str])>) -> Self {
        Self(Arc::new(roles.into_iter().collect()))
    }
}

#[async_trait]
impl RoleCatalogue for FakeRoles {
    async fn permissions_of(
        &self,
        _: &TenantTx,
        roles: &[String],
    ) -> Result<PermissionSet, DbError> {
        let known = roles.iter().filter_map(|role| self.0.get(role.as_str()));
        Ok(known.flat_map(|permissions| permissions.iter().copied()).collect())
    }

    async fn unknown(&self, _: &TenantTx, roles: &[String]) -> Result<Vec<String>, DbError> {
        let unknown = roles.iter().filter(|role| !self.0.contains_key(role.as_str()));
        Ok(unknown.cloned().collect())
    }
}
