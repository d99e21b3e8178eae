//! The demo kitchens, as the host seeds them.

use bk_kernel::TenantId;
use chrono::{DateTime, Utc};

use crate::Kitchen;

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

impl Kitchen {
    /// Seeds the demo kitchen of a slug into a tenant, relative to `now`. What is there stays. Fails,
    /// and changes nothing, when there is no such demo kitchen or one of its logins has no user.
    pub async fn seed_demo(
        &self,
        tenant: TenantId,
        slug: &str,
        now: DateTime<Utc>,
        people: &DemoPeople,
    ) -> Result<(), DemoError> {
        bk_kitchen_demo::seed(self.catalogue(), tenant, slug, now, people).await
    }
}
