//! `kitchen_ingredients`.

use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kitchen_ingredients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub key: String,
    pub name: String,
    pub category: String,
    pub allergen_state: String,
    pub allergens: Option<Vec<String>>,
    pub proposed_allergens: Option<Vec<String>>,
    pub energy_kj: Option<Decimal>,
    pub protein_g: Option<Decimal>,
    pub fat_g: Option<Decimal>,
    pub saturated_fat_g: Option<Decimal>,
    pub carbohydrate_g: Option<Decimal>,
    pub sugars_g: Option<Decimal>,
    pub sodium_mg: Option<Decimal>,
    pub purchase_unit: String,
    pub conversions: Json,
    pub density_g_per_ml: Option<Decimal>,
    pub active: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id, version);
