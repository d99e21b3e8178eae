//! `kitchen_pack_events`. Append-only: inserting one is how a pack changes.

use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kitchen_pack_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pack_id: Uuid,
    pub kind: String,
    pub delta: i32,
    pub order_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    pub reason: Option<String>,
    pub request_id: Option<Uuid>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id);
