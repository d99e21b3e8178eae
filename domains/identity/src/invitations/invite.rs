//! Inviting somebody, in the caller's transaction.

use bk_contracts::identity::{InviteError, NewUser, RoleCatalogue};
use bk_kernel::{InvitationId, TenantId, UserId};
use bk_persistence::{
    DbError, TenantTx,
    jobs::{self, NewJob},
};
use serde_json::json;

use super::{SEND_JOB, invitation::VALID_FOR, store};
use crate::users::{self, CreateError, CreateUser};

impl From<CreateError> for InviteError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::EmailTaken => Self::EmailTaken,
            CreateError::EmailInvalid(_) => Self::EmailInvalid,
            CreateError::UnknownRole(role) => Self::UnknownRole(role),
            CreateError::Db(error) => Self::Db(error),
        }
    }
}

/// Makes the user, their open invitation, and the job that mails it. Whoever may grant the roles is
/// the caller's to check.
pub(crate) async fn invite(
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    new: NewUser,
) -> Result<(UserId, InvitationId), InviteError> {
    let create = CreateUser {
        email: new.email,
        display_name: new.display_name,
        roles: new.roles,
        at: new.at,
    };
    let user = users::create_user(tx, catalogue, create).await?;
    let id = InvitationId::new();
    let row = store::NewInvitation {
        id,
        user_id: user.id,
        invited_by: new.invited_by,
        created_at: new.at,
        expires_at: new.at + VALID_FOR,
    };
    store::insert(tx, row).await?;
    enqueue_mail(tx, id).await?;
    Ok((user.id, id))
}

/// Queues the mail; while one waits, there is no second.
pub(super) async fn enqueue_mail(tx: &TenantTx, id: InvitationId) -> Result<(), DbError> {
    let job = NewJob {
        key: Some(format!("{SEND_JOB}:{id}")),
        ..NewJob::now(SEND_JOB, payload(tx.tenant_id(), id))
    };
    jobs::enqueue(tx, job).await
}

fn payload(tenant: TenantId, id: InvitationId) -> serde_json::Value {
    json!({ "tenant_id": tenant, "invitation_id": id })
}
