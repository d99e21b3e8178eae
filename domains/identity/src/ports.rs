//! What identity does for the guard and the other domains.

use std::sync::Arc;

use async_trait::async_trait;
use bk_contracts::identity::{
    Authenticated, InviteError, NewUser, SessionAuthority, UserDirectory, UserSummary,
};
use bk_kernel::{OperationContext, Surface, UserId};
use bk_persistence::{DbError, TenantTx};

use crate::{
    Identity,
    invitations::{self, InviteUser},
    sessions::{self, CachedSession},
    users::{self, CreateUser},
};

#[async_trait]
impl SessionAuthority for Identity {
    async fn authenticate(
        &self,
        surface: Surface,
        token: &str,
    ) -> Result<Option<Authenticated>, DbError> {
        Ok(sessions::authenticate(self, surface, token).await?.map(authenticated))
    }

    fn known(&self, surface: Surface, token: &str) -> Option<Authenticated> {
        sessions::find_cached(self, surface, token).map(authenticated)
    }
}

fn authenticated(session: Arc<CachedSession>) -> Authenticated {
    Authenticated { actor: Arc::clone(&session.actor), session }
}

#[async_trait]
impl UserDirectory for Identity {
    async fn invite(
        &self,
        ctx: &OperationContext,
        tx: &TenantTx,
        new: NewUser,
    ) -> Result<UserId, InviteError> {
        let NewUser { email, display_name, roles } = new;
        let user = CreateUser { email, display_name, roles };
        let member = ctx.actor().filter(|actor| actor.tenant_id == ctx.tenant_id());
        let command = InviteUser { user, invited_by: member.map(|actor| actor.user_id) };
        Ok(invitations::invite_user(ctx, tx, self.roles(), &command).await?.user_id)
    }

    async fn summaries(&self, tx: &TenantTx, ids: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
        users::summarize_users(tx, ids).await
    }

    async fn role_in_use(&self, tx: &TenantTx, key: &str) -> Result<bool, DbError> {
        users::is_role_held(tx, key).await
    }

    async fn forget_sessions(&self, tx: &TenantTx) -> Result<(), DbError> {
        sessions::publish_tenant_change(tx).await
    }
}
