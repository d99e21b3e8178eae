//! What a kitchen cooks with and sells.

use bk_persistence::migration::{enable_tenant_rls, grant_rw};
use sea_orm_migration::prelude::*;

const TABLES: [&str; 11] = [
    "kitchen_catalogue_versions",
    "kitchen_ingredients",
    "kitchen_sub_recipes",
    "kitchen_dishes",
    "kitchen_components",
    "kitchen_recipe_lines",
    "kitchen_presets",
    "kitchen_preset_layouts",
    "kitchen_preset_layout_sides",
    "kitchen_pack_products",
    "kitchen_plans",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = include_str!("sql/m000050_kitchen_catalogue.sql").to_owned();
        for table in TABLES {
            sql.push_str(&enable_tenant_rls(table));
            sql.push_str(&grant_rw(table));
        }
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
