//! The job that mails an invitation.
//!
//! The token is made here and stored hashed before the mail is handed over, so it works when it
//! arrives. A retry makes a new token; the one of a mail that got out before is then worthless.

use async_trait::async_trait;
use bk_contracts::tenants::TenantStatus;
use bk_kernel::{InvitationId, OperationContext};
use bk_persistence::{
    DbError, TenantTx,
    jobs::{JobContext, JobError, JobHandler},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    invitation::{InvitationToken, TOKEN_LIFETIME, TokenHash},
    mail, store,
};
use crate::{
    Identity,
    users::{self, User},
};

/// The identifier of the job.
pub(crate) const SEND_JOB: &str = "invitation.send";

/// Does the job [`SEND_JOB`].
pub(crate) struct SendInvitation(pub(crate) Identity);

#[derive(Debug, Deserialize)]
struct Payload {
    invitation_id: InvitationId,
}

#[async_trait]
impl JobHandler for SendInvitation {
    async fn run(&self, job: &JobContext, payload: Value) -> Result<(), JobError> {
        let Payload { invitation_id } = serde_json::from_value(payload)
            .map_err(|_| JobError::give_up("the payload names no invitation"))?;
        send_invitation(&job.operation()?, &self.0, invitation_id).await
    }
}

async fn send_invitation(
    ctx: &OperationContext,
    identity: &Identity,
    id: InvitationId,
) -> Result<(), JobError> {
    let settings = identity
        .tenants()
        .settings(ctx.tenant_id())
        .await?
        .ok_or_else(|| JobError::give_up("the tenant does not exist"))?;
    if settings.status != TenantStatus::Active {
        return Err(JobError::retry("the tenant is suspended"));
    }
    let token = InvitationToken::issue();
    let input = (ctx.clone(), id, token.hash());
    let user = identity
        .db()
        .transaction(ctx, input, async |tx, (ctx, id, hash)| {
            store_token(&ctx, &tx, id, &hash).await
        })
        .await?;
    // Accepted or withdrawn in the meantime: there is nothing to send.
    let Some(user) = user else { return Ok(()) };
    let mail = mail::compose(&settings, &user, &token, identity.public_url());
    identity.mailer().send(mail).await?;
    let recorded: Result<(), DbError> = identity
        .db()
        .transaction(ctx, (ctx.clone(), id), async |tx, (ctx, id)| {
            store::record_sent(&tx, id, ctx.at()).await
        })
        .await;
    if let Err(error) = recorded {
        // The mail is out. Failing here would send it again and make its token worthless.
        tracing::warn!(%error, "an invitation was sent but not marked as sent");
    }
    Ok(())
}

/// Stores the token if the invitation is open. Returns the invited user.
async fn store_token(
    ctx: &OperationContext,
    tx: &TenantTx,
    id: InvitationId,
    hash: &TokenHash,
) -> Result<Option<User>, DbError> {
    if !store::renew(tx, id, Some(hash), ctx.at() + TOKEN_LIFETIME).await? {
        return Ok(None);
    }
    match store::find(tx, id).await? {
        Some(invitation) => users::find_user(tx, invitation.user_id).await,
        None => Ok(None),
    }
}
