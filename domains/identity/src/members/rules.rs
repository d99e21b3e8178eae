//! The rules that changes of members share.

use std::sync::Arc;

use bk_kernel::{Actor, RequestId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use crate::{
    Identity,
    users::{self, OWNER_ROLE, User},
};

/// Who changes something, when, in which request.
#[derive(Debug, Clone)]
pub(crate) struct By {
    /// Who.
    pub(crate) actor: Arc<Actor>,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// In which request.
    pub(crate) request_id: RequestId,
}

/// Whether the actor holds everything these roles permit.
pub(crate) async fn covers(
    identity: &Identity,
    tx: &TenantTx,
    actor: &Actor,
    roles: &[String],
) -> Result<bool, DbError> {
    let permitted = identity.roles().permissions_of(tx, roles).await?;
    Ok(actor.permissions.covers(&permitted))
}

/// Whether taking the owner role from `user`, who holds `roles`, would leave the tenant without an
/// active owner. The owners must be locked.
pub(super) async fn is_last_owner(
    tx: &TenantTx,
    user: &User,
    roles: &[String],
) -> Result<bool, DbError> {
    let is_owner = roles.iter().any(|role| role == OWNER_ROLE);
    Ok(is_owner && !users::has_other_active_owner(tx, user.id).await?)
}
