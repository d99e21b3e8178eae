//! The kitchen as the host holds it.

use std::sync::Arc;

use bk_kernel::TenantId;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::KitchenState;
use bk_kitchen_ordering::menu::StoredMenus;
use bk_persistence::TenantScope;

/// What the kitchen needs from the host: the database, the clock, and the ports of other domains.
pub type KitchenDeps = bk_kitchen_core::KitchenDeps;

/// The kitchen put together. Clones are handles on the same one.
#[derive(Clone)]
pub struct Kitchen {
    state: KitchenState,
    catalogue: CatalogueState,
}

impl Kitchen {
    /// Puts the kitchen together.
    #[must_use]
    pub fn new(deps: KitchenDeps) -> Self {
        let state = KitchenState::new(deps);
        let catalogue = CatalogueState::new(state.clone(), Arc::new(StoredMenus));
        Self { state, catalogue }
    }

    /// The dependencies that every slice shares.
    #[must_use]
    pub const fn state(&self) -> &KitchenState {
        &self.state
    }

    /// The catalogue with what it keeps in memory.
    #[must_use]
    pub const fn catalogue(&self) -> &CatalogueState {
        &self.catalogue
    }

    /// The database of one tenant.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        self.state.tenant(tenant)
    }
}
