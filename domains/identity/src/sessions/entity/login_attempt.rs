//! `identity_login_attempts`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row: the failures counted for one subject.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_login_attempts")]
pub(crate) struct Model {
    /// Whose, or nobody's (the nil id).
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// SHA-256 of what is counted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subject: Vec<u8>,
    /// How many.
    pub(crate) failures: i32,
    /// Until when attempts are refused.
    pub(crate) blocked_until: Option<DateTime<Utc>>,
    /// From when on the row means nothing.
    pub(crate) forgotten_at: DateTime<Utc>,
}

/// None are followed by this crate.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
