//! `kitchen_packs`. `meals_remaining` and `status` are written by the trigger of pack events only.

use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kitchen_packs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub product_id: Uuid,
    pub purchase_id: Uuid,
    pub title: String,
    pub meals_total: i32,
    pub meal_size_g: i32,
    pub meals_remaining: i32,
    pub status: String,
    pub price_minor: i64,
    pub currency: String,
    pub purchased_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id);
