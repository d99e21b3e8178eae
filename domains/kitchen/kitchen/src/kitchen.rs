//! The kitchen as the host holds it.

use std::sync::Arc;

use bk_kernel::{OperationContext, TenantId};
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::KitchenState;
use bk_kitchen_ordering::menu::StoredMenus;
use bk_persistence::TenantScope;

/// What the kitchen needs from the host: the database, the clock, and the ports of other domains.
pub type KitchenDeps = bk_kitchen_core::KitchenDeps;

/// A demo kitchen: its names, its currency, its accounts.
pub type DemoTenant = bk_kitchen_demo::DemoTenant;
/// Which users the customers and the account manager of a demo kitchen are.
pub type DemoPeople = bk_kitchen_demo::DemoPeople;
/// Why a demo kitchen could not be seeded.
pub type DemoError = bk_kitchen_demo::DemoError;

/// The demo kitchens.
#[must_use]
pub fn demo_tenants() -> &'static [DemoTenant] {
    bk_kitchen_demo::tenants()
}

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

    /// Seeds the demo kitchen of a slug into the tenant of the context, relative to the instant of the
    /// operation. What is there stays. Fails, and changes nothing, when there is no such demo kitchen
    /// or one of its logins has no user.
    pub async fn seed_demo(
        &self,
        ctx: &OperationContext,
        slug: &str,
        people: &DemoPeople,
    ) -> Result<(), DemoError> {
        bk_kitchen_demo::seed(ctx, self.catalogue(), slug, people).await
    }
}
