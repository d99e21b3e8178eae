//! The port by which the catalogue asks which menus still need a dish.

use async_trait::async_trait;
use bk_kernel::DishId;
use bk_kitchen_catalogue::PublishedMenus;
use bk_persistence::{DbError, TenantTx};

use super::store;

/// The menus of this crate, for the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct StoredMenus;

#[async_trait]
impl PublishedMenus for StoredMenus {
    async fn week_offering(&self, tx: &TenantTx, dish: DishId) -> Result<Option<String>, DbError> {
        let week = store::published_week_with(tx, dish).await?;
        Ok(week.map(|week| week.to_string()))
    }
}
