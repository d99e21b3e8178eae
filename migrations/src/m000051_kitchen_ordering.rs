//! Accounts, packs, weeks, menus, orders, frozen plans.

use bk_persistence::migration::{append_only, enable_tenant_rls, grant_rw};
use sea_orm_migration::prelude::*;

/// Tables that the application reads and writes.
const MUTABLE: [&str; 11] = [
    "kitchen_accounts",
    "kitchen_account_users",
    "kitchen_addresses",
    "kitchen_order_weeks",
    "kitchen_menu_weeks",
    "kitchen_menu_dishes",
    "kitchen_orders",
    "kitchen_order_lines",
    "kitchen_order_allocations",
    "kitchen_preference_profiles",
    "kitchen_preference_rules",
];

/// Ledgers.
const APPEND_ONLY: [&str; 3] =
    ["kitchen_order_events", "kitchen_pack_events", "kitchen_production_plans"];

/// A pack's meals and status are written by the trigger of its events and by nothing else. The
/// application may lock a pack, which needs a column it may update: the title.
const PACKS: &str = "
    GRANT SELECT ON kitchen_packs TO bk_app, bk_worker;
    GRANT INSERT (tenant_id, id, account_id, product_id, purchase_id, title, meals_total,
                  meal_size_g, price_minor, currency, purchased_at)
        ON kitchen_packs TO bk_app, bk_worker;
    GRANT UPDATE (title) ON kitchen_packs TO bk_app, bk_worker;
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = include_str!("sql/m000051_kitchen_ordering.sql").to_owned();
        for table in MUTABLE {
            sql.push_str(&enable_tenant_rls(table));
            sql.push_str(&grant_rw(table));
        }
        for table in APPEND_ONLY {
            sql.push_str(&enable_tenant_rls(table));
            sql.push_str(&append_only(table));
        }
        sql.push_str(&enable_tenant_rls("kitchen_packs"));
        sql.push_str(PACKS);
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
