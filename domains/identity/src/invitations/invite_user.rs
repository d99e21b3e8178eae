//! Invites a user, in the caller's transaction.

use bk_contracts::identity::{InviteError, RoleCatalogue};
use bk_kernel::{InvitationId, OperationContext, UserId};
use bk_persistence::{
    DbError, TenantTx,
    jobs::{self, NewJob},
};
use serde_json::json;

use super::{invitation::Invitation, send_invitation::SEND_JOB, store};
use crate::users::{self, CreateUser, CreateUserError, CreatedUser};

/// The user to invite.
#[derive(Debug, Clone)]
pub(crate) struct InviteUser {
    /// The address, the name and the roles.
    pub(crate) user: CreateUser,
    /// The user of the tenant who invites, if one does.
    pub(crate) invited_by: Option<UserId>,
}

impl From<CreateUserError> for InviteError {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::EmailTaken => Self::EmailTaken,
            CreateUserError::EmailInvalid(_) => Self::EmailInvalid,
            CreateUserError::UnknownRole(role) => Self::UnknownRole(role),
            CreateUserError::Db(error) => Self::Db(error),
        }
    }
}

/// Creates the user, their open invitation, and the job that mails it. Whether the caller may give
/// the roles is theirs to check. When this fails the transaction must be rolled back.
pub(crate) async fn invite_user(
    ctx: &OperationContext,
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    command: &InviteUser,
) -> Result<Invitation, InviteError> {
    let created = users::create_user(ctx, tx, catalogue, &command.user).await?;
    if let CreatedUser::Returned(user) = created
        && store::has_open(tx, user).await?
    {
        return Err(InviteError::EmailTaken);
    }
    let (CreatedUser::New(user) | CreatedUser::Returned(user)) = created;
    let invitation = Invitation::of(user, ctx.at());
    store::insert(tx, &invitation, command.invited_by).await?;
    enqueue_mail(ctx, tx, invitation.id).await?;
    Ok(invitation)
}

/// Queues the mail. While one is queued there is no second.
pub(super) async fn enqueue_mail(
    ctx: &OperationContext,
    tx: &TenantTx,
    id: InvitationId,
) -> Result<(), DbError> {
    let payload = json!({ "tenant_id": tx.tenant_id(), "invitation_id": id });
    let job = NewJob::now(SEND_JOB, payload).caused_by(ctx.request_id());
    jobs::enqueue(tx, NewJob { key: Some(format!("{SEND_JOB}:{id}")), ..job }).await
}
