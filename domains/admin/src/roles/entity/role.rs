//! A row of `admin_roles`.

use bk_persistence::tenant_entity;
use sea_orm::entity::prelude::*;

use crate::roles::role::Role;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_roles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) builtin: bool,
    pub(crate) version: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id, version);

impl From<Model> for Role {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            key: row.key,
            title: row.title,
            permissions: row.permissions,
            builtin: row.builtin,
            version: row.version,
        }
    }
}
