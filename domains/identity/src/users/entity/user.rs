//! Rows of `identity_users`.

use bk_persistence::tenant_entity;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A user of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_users")]
pub(crate) struct Model {
    /// The tenant, first half of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// The user, second half of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// The normalised address, unique in the tenant.
    pub(crate) email: String,
    /// The name shown to people.
    pub(crate) display_name: String,
    /// `CLIENT` or `STAFF`.
    pub(crate) kind: String,
    /// `INVITED`, `ACTIVE` or `DISABLED`.
    pub(crate) status: String,
    /// The password as a PHC string; null until an invitation is accepted.
    pub(crate) password_hash: Option<String>,
    /// When the password was set.
    pub(crate) password_changed_at: Option<DateTime<Utc>>,
    /// When the address was proven.
    pub(crate) email_verified_at: Option<DateTime<Utc>>,
    /// When the user last logged in.
    pub(crate) last_login_at: Option<DateTime<Utc>>,
    /// Counts changes of roles and status.
    pub(crate) version: i64,
    /// When the row was inserted.
    pub(crate) created_at: DateTime<Utc>,
    /// When roles, status or password were last changed.
    pub(crate) updated_at: DateTime<Utc>,
}

/// This crate follows no relation of the table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id, version);
