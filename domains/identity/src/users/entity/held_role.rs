//! Rows of `identity_user_roles`.

use bk_persistence::tenant_entity;
use sea_orm::entity::prelude::*;

/// A role that a user holds.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_user_roles")]
pub(crate) struct Model {
    /// The tenant of the user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// The user who holds the role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    /// The key of the role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) role_key: String,
}

/// This crate follows no relation of the table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
