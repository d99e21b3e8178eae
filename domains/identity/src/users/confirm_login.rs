//! Records a login of a user whose password was checked outside the transaction.

use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};

use super::{
    store,
    user::{Credentials, User},
};
use crate::password_pool::Phc;

/// Records the login, and `renewed`, the same password hashed with current parameters. Returns none
/// when the user was disabled, or got another kind or password, since `checked` was read.
pub(crate) async fn confirm_login(
    ctx: &OperationContext,
    tx: &TenantTx,
    checked: &Credentials,
    renewed: Option<&Phc>,
) -> Result<Option<User>, DbError> {
    let current = store::lock(tx, checked.user.id).await?;
    let Some(current) = current.filter(|current| checked.still_hold_for(current)) else {
        return Ok(None);
    };
    store::record_login(tx, current.user.id, renewed, ctx.at()).await?;
    Ok(Some(current.user))
}
