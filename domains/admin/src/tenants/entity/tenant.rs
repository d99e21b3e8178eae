//! A row of `admin_tenants`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_tenants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) country: String,
    pub(crate) time_zone: String,
    pub(crate) window_opens: String,
    pub(crate) window_closes: String,
    pub(crate) cutoff: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) origins: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) return_origins: Json,
    pub(crate) setup: String,
    pub(crate) version: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
