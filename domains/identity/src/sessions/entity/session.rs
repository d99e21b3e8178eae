//! Rows of `identity_sessions`.

use bk_persistence::tenant_entity;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A login of a user, active or over.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_sessions")]
pub(crate) struct Model {
    /// The tenant, first half of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// The session, second half of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// The user who logged in.
    pub(crate) user_id: Uuid,
    /// The surface that the session opens: `client`, `admin` or `platform`.
    #[sea_orm(column_name = "door")]
    pub(crate) surface: String,
    /// The SHA-256 of the token, unique in the tenant.
    pub(crate) token_hash: Vec<u8>,
    /// When the session began.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub(crate) last_seen_at: DateTime<Utc>,
    /// The end of its absolute limit.
    pub(crate) expires_at: DateTime<Utc>,
    /// When a second factor was last presented.
    pub(crate) aal2_at: Option<DateTime<Utc>>,
    /// The address that logged in.
    pub(crate) ip: String,
    /// The browser that logged in, if it named itself.
    pub(crate) user_agent: Option<String>,
    /// When the session was ended before its time.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// Why it was ended; null as long as it is not.
    pub(crate) end_reason: Option<String>,
}

/// This crate follows no relation of the table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id);
