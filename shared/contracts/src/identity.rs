//! Ports around people: who a credential names, what roles permit, inviting people.

use std::{any::Any, sync::Arc};

use async_trait::async_trait;
use bk_kernel::{Actor, OperationContext, PermissionSet, Surface, UserId};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

/// What a session token names.
#[derive(Clone)]
pub struct Authenticated {
    /// The person the token belongs to.
    pub actor: Arc<Actor>,
    /// What the authority knows of the session, for its own handlers; opaque to everyone else.
    pub session: Arc<dyn Any + Send + Sync>,
}

/// Turns a session token into the actor it names. Implemented by identity, asked by the guard.
#[async_trait]
pub trait SessionAuthority: Send + Sync {
    /// The live session of `token` on the surface whose cookie carried it, or none when the session
    /// is unknown, expired, revoked, or its user or tenant is suspended. `surface` is `Client` or
    /// `Admin`; an operator's session is an admin session of the platform tenant.
    async fn authenticate(
        &self,
        surface: Surface,
        token: &str,
    ) -> Result<Option<Authenticated>, DbError>;

    /// The same answer where it needs no database, which is the common case. None means only that
    /// [`authenticate`](Self::authenticate) has to be asked.
    fn known(&self, surface: Surface, token: &str) -> Option<Authenticated>;
}

/// What the roles of a tenant permit. Implemented by admin, asked by identity.
#[async_trait]
pub trait RoleCatalogue: Send + Sync {
    /// The union of the permissions of `roles` (keys); unknown keys permit nothing.
    async fn permissions_of(
        &self,
        tx: &TenantTx,
        roles: &[String],
    ) -> Result<PermissionSet, DbError>;

    /// Those of `roles` that do not exist in the tenant.
    async fn unknown(&self, tx: &TenantTx, roles: &[String]) -> Result<Vec<String>, DbError>;
}

/// A person to invite.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Normalised by identity; unique in the tenant.
    pub email: String,
    /// What to call them.
    pub display_name: String,
    /// Role keys; `client` makes a customer, anything else staff. Never both.
    pub roles: Vec<String>,
}

/// Why an invitation was refused.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The address already belongs to a user of this tenant.
    #[error("the address is taken")]
    EmailTaken,
    /// The address is not an e-mail address.
    #[error("not an e-mail address")]
    EmailInvalid,
    /// A role does not exist.
    #[error("unknown role {0}")]
    UnknownRole(String),
    /// The invitation could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// A person as other domains may show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// The id of the person.
    pub id: UserId,
    /// What to call them.
    pub display_name: String,
    /// Their e-mail address.
    pub email: String,
}

/// The people of a tenant. Implemented by identity, asked by admin and kitchen.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// Creates an invited user and queues the invitation mail, in the caller's transaction. The
    /// token is made when the mail is sent and stored hashed; it never passes through here. An inviter
    /// who is an operator is not named: they are no user of the tenant.
    async fn invite(
        &self,
        ctx: &OperationContext,
        tx: &TenantTx,
        new: NewUser,
    ) -> Result<UserId, InviteError>;

    /// The people with these ids, in no particular order; unknown ids are left out.
    async fn summaries(&self, tx: &TenantTx, ids: &[UserId]) -> Result<Vec<UserSummary>, DbError>;

    /// Whether any user of the tenant, disabled ones included, holds the role with this key.
    async fn role_in_use(&self, tx: &TenantTx, key: &str) -> Result<bool, DbError>;

    /// Drops the cached sessions of the whole tenant on every instance once the transaction commits
    /// (roles changed, tenant suspended).
    async fn forget_sessions(&self, tx: &TenantTx) -> Result<(), DbError>;
}
