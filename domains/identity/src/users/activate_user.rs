//! Makes an invited user active.

use bk_kernel::{OperationContext, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{
    store,
    user::{User, UserStatus},
};
use crate::password_pool::Phc;

/// Makes an invited user active with a first password, which also proves the address. Returns none
/// when the user is not invited, or not any more.
pub(crate) async fn activate_user(
    ctx: &OperationContext,
    tx: &TenantTx,
    id: UserId,
    password: &Phc,
) -> Result<Option<User>, DbError> {
    let locked = store::lock(tx, id).await?;
    if locked.is_none_or(|found| found.user.status != UserStatus::Invited) {
        return Ok(None);
    }
    store::activate(tx, id, password, ctx.at()).await?;
    store::find(tx, id).await
}
