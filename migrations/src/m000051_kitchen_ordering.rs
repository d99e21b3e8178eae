//! Accounts, packs, weeks, menus, orders, frozen plans.

use bk_persistence::migration::{append_only, enable_tenant_rls, grant_read, grant_rw};
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
