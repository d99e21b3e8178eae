//! Rows of `identity_login_attempts`.

use bk_persistence::tenant_entity;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// The failed logins with one address, or from one network.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_login_attempts")]
pub(crate) struct Model {
    /// The tenant, or the nil id for logins at tenants that do not exist.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// The SHA-256 of the address or network.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subject: Vec<u8>,
    /// How many logins failed.
    pub(crate) failures: i32,
    /// Until when logins are refused.
    pub(crate) blocked_until: Option<DateTime<Utc>>,
    /// When the failures no longer count.
    #[sea_orm(column_name = "forgotten_at")]
    pub(crate) expires_at: DateTime<Utc>,
}

/// This crate follows no relation of the table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
