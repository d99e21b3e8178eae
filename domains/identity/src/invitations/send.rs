//! The job that mails an invitation.
//!
//! The token is made here and stored hashed before the mail is handed over, so it is good when it
//! arrives. A retry makes a new token; the one of a mail that got out before is then worthless.

use async_trait::async_trait;
use bk_contracts::tenants::TenantStatus;
use bk_kernel::{InvitationId, TenantId};
use bk_persistence::{
    DbError,
    jobs::{JobContext, JobError, JobHandler},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    invitation::{InvitationToken, VALID_FOR},
    mail, store,
};
use crate::{Identity, users};

/// The identifier of the job.
pub(crate) const SEND_JOB: &str = "invitation.send";

/// Does [`SEND_JOB`].
pub(crate) struct SendInvitation(pub(crate) Identity);

#[derive(Debug, Deserialize)]
struct Payload {
    tenant_id: TenantId,
    invitation_id: InvitationId,
}

#[async_trait]
impl JobHandler for SendInvitation {
    async fn run(&self, _: &JobContext, payload: Value) -> Result<(), JobError> {
        let Payload { tenant_id, invitation_id } = serde_json::from_value(payload)
            .map_err(|_| JobError::give_up("the payload names no invitation"))?;
        let identity = &self.0;
        let settings = identity
            .tenants()
            .settings(tenant_id)
            .await?
            .ok_or_else(|| JobError::give_up("the tenant does not exist"))?;
        if settings.status != TenantStatus::Active {
            return Err(JobError::retry("the tenant is suspended"));
        }
        let token = InvitationToken::issue();
        let hash = token.hash();
        let now = identity.clock().now();
        let scope = identity.db().tenant(tenant_id);
        let user = scope
            .run(move |tx| async move {
                let Some(open) = store::one_open(&tx, invitation_id).await? else {
                    return Ok(None);
                };
                if !store::renew(&tx, invitation_id, Some(&hash), now + VALID_FOR).await? {
                    return Ok(None);
                }
                users::by_id(&tx, open.user_id).await
            })
            .await?;
        // Accepted or withdrawn in the meantime: there is nothing to send.
        let Some(user) = user else { return Ok(()) };
        identity
            .mailer()
            .send(mail::compose(&settings, &user, &token, identity.public_url()))
            .await?;
        scope
            .run(move |tx| async move { store::sent(&tx, invitation_id, now).await })
            .await
            .map_err(|error: DbError| {
                // The mail is out: sending it again would make its token worthless.
                tracing::warn!(%error, "a sent invitation could not be marked");
            })
            .ok();
        Ok(())
    }
}
