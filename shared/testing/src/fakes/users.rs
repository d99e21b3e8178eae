//! The users of all tenants.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::identity::{InviteError, NewUser, UserDirectory, UserSummary};
use bk_kernel::{OperationContext, UserId};
use bk_persistence::{DbError, TenantTx};

use super::lock;

/// Remembers who was invited, and whose sessions were to be forgotten.
#[derive(Debug, Clone, Default)]
pub struct FakeUsers(Arc<Mutex<People>>);

#[derive(Debug, Default)]
struct People {
    users: BTreeMap<UserId, UserSummary>,
    invited: Vec<(OperationContext, NewUser)>,
    roles_in_use: Vec<String>,
    sessions_forgotten: usize,
}

impl FakeUsers {
    /// Adds a user whose name is their address.
    #[must_use]
    pub fn add(&self, email: &str) -> UserId {
        let id = UserId::new();
        let user = UserSummary { id, display_name: email.to_owned(), email: email.to_owned() };
        lock(&self.0).users.insert(id, user);
        id
    }

    /// Says from now on that a role is held.
    pub fn use_role(&self, key: &str) {
        lock(&self.0).roles_in_use.push(key.to_owned());
    }

    /// The invitations so far, oldest first, each with the operation that made it.
    #[must_use]
    pub fn invited(&self) -> Vec<(OperationContext, NewUser)> {
        lock(&self.0).invited.clone()
    }

    /// How often cached sessions were to be forgotten.
    #[must_use]
    pub fn sessions_forgotten(&self) -> usize {
        lock(&self.0).sessions_forgotten
    }
}

#[async_trait]
impl UserDirectory for FakeUsers {
    async fn invite(
        &self,
        ctx: &OperationContext,
        _: &TenantTx,
        new: NewUser,
    ) -> Result<UserId, InviteError> {
        if !new.email.contains('@') {
            return Err(InviteError::EmailInvalid);
        }
        if lock(&self.0).users.values().any(|user| user.email == new.email) {
            return Err(InviteError::EmailTaken);
        }
        let id = self.add(&new.email);
        lock(&self.0).invited.push((ctx.clone(), new));
        Ok(id)
    }

    async fn summaries(&self, _: &TenantTx, ids: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
        let people = lock(&self.0);
        Ok(ids.iter().filter_map(|id| people.users.get(id).cloned()).collect())
    }

    async fn role_in_use(&self, _: &TenantTx, key: &str) -> Result<bool, DbError> {
        Ok(lock(&self.0).roles_in_use.iter().any(|used| used == key))
    }

    async fn forget_sessions(&self, _: &TenantTx) -> Result<(), DbError> {
        lock(&self.0).sessions_forgotten += 1;
        Ok(())
    }
}
