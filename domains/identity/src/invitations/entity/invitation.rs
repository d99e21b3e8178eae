//! Rows of `identity_invitations`.

use bk_persistence::tenant_entity;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// An invitation of a user.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_invitations")]
pub(crate) struct Model {
    /// The tenant, first half of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    /// The invitation, second half of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// The invited user.
    pub(crate) user_id: Uuid,
    /// The SHA-256 of the token of the last mail; null before the first.
    pub(crate) token_hash: Option<Vec<u8>>,
    /// The user of the tenant who invited, if one did.
    pub(crate) invited_by: Option<Uuid>,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// When its token stops working.
    pub(crate) expires_at: DateTime<Utc>,
    /// When the last mail was handed over.
    pub(crate) sent_at: Option<DateTime<Utc>>,
    /// When it was accepted.
    pub(crate) accepted_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    #[sea_orm(column_name = "revoked_at")]
    pub(crate) withdrawn_at: Option<DateTime<Utc>>,
}

/// This crate follows no relation of the table.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id);
