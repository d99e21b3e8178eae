//! `kitchen_recipe_lines`.

use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kitchen_recipe_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub dish_id: Option<Uuid>,
    pub component_id: Option<Uuid>,
    pub sub_recipe_id: Option<Uuid>,
    pub meal_size_g: Option<i32>,
    pub position: i32,
    pub ingredient_id: Option<Uuid>,
    pub used_sub_recipe_id: Option<Uuid>,
    pub quantity: Decimal,
    pub unit: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id);
