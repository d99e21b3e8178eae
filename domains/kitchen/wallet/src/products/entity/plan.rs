//! `kitchen_plans`.

use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};

#[expect(
    clippy::struct_excessive_bools,
    reason = "entitlements are flags (docs/product.md, section 3)"
)]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kitchen_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub key: String,
    pub title: String,
    pub tier: String,
    pub billing_interval: String,
    pub price_minor: i64,
    pub currency: String,
    pub stripe_price_id: Option<String>,
    pub preset_access: bool,
    pub override_access: bool,
    pub override_allowance: i32,
    pub ingredient_tier: String,
    pub promo_unlocked_credits: i32,
    pub account_manager_level: String,
    pub late_order: bool,
    pub urgent_delivery: bool,
    pub active: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id, version);
