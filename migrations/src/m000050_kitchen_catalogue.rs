//! What a kitchen cooks with and sells.

use bk_persistence::migration::{enable_tenant_rls, grant_rw};
use sea_orm_migration::prelude::*;

/// The tables of this migration; all of them are a tenant's.
const TABLES: [&str; 9] = [
    "kitchen_ingredients",
    "kitchen_sub_recipes",
    "kitchen_dishes",
    "kitchen_components",
    "kitchen_recipe_lines",
    "kitchen_presets",
    "kitchen_preset_layouts",
    "kitchen_pack_products",
    "kitchen_plans",
];
