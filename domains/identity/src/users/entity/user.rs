//! `identity_users`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_users")]
pub(crate) struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Normalised.
    pub email: String,
    /// For people.
    pub display_name: String,
    /// `CLIENT` or `STAFF`.
    pub kind: String,
    /// `INVITED`, `ACTIVE` or `DISABLED`.
    pub status: String,
    /// PHC string.
    pub password_hash: Option<String>,
    /// When it was set or renewed.
    pub password_changed_at: Option<DateTime<Utc>>,
    /// When the address was proven.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// When they last logged in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Counts changes of roles and status.
    pub version: i64,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// None are followed by this crate.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
