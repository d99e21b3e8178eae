//! What identity does for the guard and the other domains.

use std::sync::Arc;

use async_trait::async_trait;
use bk_contracts::identity::{
    Authenticated, InviteError, NewUser, SessionAuthority, UserDirectory, UserSummary,
};
use bk_kernel::{Surface, TenantId, UserId};
use bk_persistence::{
    DbError, TenantTx,
    invalidation::{self, Subscriber},
};

use crate::{
    Identity, invitations,
    sessions::{self, Live},
    users,
};

/// The notice that all sessions of a tenant must be looked up again; its key is the tenant.
const TENANT_SESSIONS_TOPIC: &str = "tenant_sessions";

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
        sessions::known(self, surface, token).map(authenticated)
    }
}

fn authenticated(live: Arc<Live>) -> Authenticated {
    Authenticated { actor: Arc::clone(&live.actor), session: live }
}

#[async_trait]
impl UserDirectory for Identity {
    async fn invite(&self, tx: &TenantTx, new: NewUser) -> Result<UserId, InviteError> {
        let (user, _invitation) = invitations::invite(tx, self.roles(), new).await?;
        Ok(user)
    }

    async fn summaries(&self, tx: &TenantTx, ids: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
        users::summaries(tx, ids).await
    }

    async fn role_in_use(&self, tx: &TenantTx, key: &str) -> Result<bool, DbError> {
        users::role_in_use(tx, key).await
    }

    async fn forget_sessions(&self, tx: &TenantTx) -> Result<(), DbError> {
        invalidation::publish(tx, TENANT_SESSIONS_TOPIC, &tx.tenant_id().to_string()).await
    }
}

impl Identity {
    /// What the host's listener calls when another instance, or this one, changed a session.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let one = self.cache().clone();
        let forget_one = move |key: &str| match sessions::heard(key) {
            Some(hash) => one.forget(&hash),
            None => one.forget_all(),
        };
        let tenant = self.cache().clone();
        let forget_tenant = move |key: &str| match key.parse::<TenantId>() {
            Ok(id) => tenant.forget_tenant(id),
            Err(_) => tenant.forget_all(),
        };
        vec![
            (sessions::SESSION_TOPIC, Arc::new(forget_one)),
            (TENANT_SESSIONS_TOPIC, Arc::new(forget_tenant)),
        ]
    }
}
