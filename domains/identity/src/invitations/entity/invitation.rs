//! `identity_invitations`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_invitations")]
pub(crate) struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Of whom.
    pub(crate) user_id: Uuid,
    /// SHA-256 of the token of the last mail.
    pub(crate) token_hash: Option<Vec<u8>>,
    /// By whom, if a user of the tenant.
    pub(crate) invited_by: Option<Uuid>,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// Until when its token is good.
    pub(crate) expires_at: DateTime<Utc>,
    /// When the last mail was handed over.
    pub(crate) sent_at: Option<DateTime<Utc>>,
    /// When it was accepted.
    pub(crate) accepted_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub(crate) revoked_at: Option<DateTime<Utc>>,
}

/// None are followed by this crate.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
