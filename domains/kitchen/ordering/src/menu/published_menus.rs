//! The port by which the catalogue asks what menus still offer.

use async_trait::async_trait;
use bk_kernel::DishId;
use bk_kitchen_catalogue::PublishedMenus;
use bk_persistence::{DbError, TenantTx};

use super::read_menu::published_week_with;

/// The menus of this crate, for the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct StoredMenus;

#[async_trait]
impl PublishedMenus for StoredMenus {
    async fn week_offering(&self, tx: &TenantTx, dish: DishId) -> Result<Option<String>, DbError> {
        let week = published_week_with(tx, dish).await?;
        Ok(week.map(|week| week.to_string()))
    }
}
