//! `identity_sessions`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_sessions")]
pub(crate) struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Of whom.
    pub(crate) user_id: Uuid,
    /// `client`, `admin` or `platform`.
    pub(crate) door: String,
    /// SHA-256 of the token.
    pub(crate) token_hash: Vec<u8>,
    /// When it began.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub(crate) last_seen_at: DateTime<Utc>,
    /// The absolute limit.
    pub(crate) expires_at: DateTime<Utc>,
    /// When a second factor was last presented.
    pub(crate) aal2_at: Option<DateTime<Utc>>,
    /// From where it began.
    pub(crate) ip: String,
    /// With what.
    pub(crate) user_agent: Option<String>,
    /// When it was ended before its time.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// Why.
    pub(crate) end_reason: Option<String>,
}

/// None are followed by this crate.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
