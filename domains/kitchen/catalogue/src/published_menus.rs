//! What the catalogue asks the menu.

use async_trait::async_trait;
use bk_kernel::DishId;
use bk_persistence::{DbError, TenantTx};

/// The published menus of a tenant. The menu's slice implements it; the catalogue asks it before a
/// dish becomes one that cannot be cooked.
#[async_trait]
pub trait PublishedMenus: Send + Sync {
    /// The name of the first week that is not locked and whose published menu offers the dish, such
    /// as `2026-W48`. Reads in the caller's transaction.
    async fn week_offering(&self, tx: &TenantTx, dish: DishId) -> Result<Option<String>, DbError>;
}
