//! Seeding: putting active users into a tenant, for demo data and the first operator.

use bk_kernel::UserId;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::{
    Identity,
    password_pool::{Busy, Phc},
    users,
};

/// A user to put into a tenant.
#[derive(Debug, Clone)]
pub struct SeedUser {
    /// A fixed id, so that other seeds can refer to it.
    pub id: UserId,
    /// A valid e-mail address.
    pub email: String,
    /// The name shown to people.
    pub display_name: String,
    /// Keys of the roles; they are not looked up in the catalogue.
    pub roles: Vec<String>,
    /// A hash made once ([`Identity::hash_password`]) and shared.
    pub password: Phc,
    /// When the user is said to have been created.
    pub at: DateTime<Utc>,
}

impl Identity {
    /// Hashes a password for [`Identity::seed_user`], without checking whether it is good enough.
    /// Hash once and share.
    ///
    /// Fails when too many passwords are being hashed.
    pub async fn hash_password(&self, password: SecretString) -> Result<Phc, Busy> {
        self.passwords().hash(password).await
    }

    /// Puts an active user into the transaction's tenant. Returns false, and changes nothing, when a
    /// user has the id or the address already.
    ///
    /// Fails when the seed's address is not one, and when its roles do not go together.
    pub async fn seed_user(&self, tx: &TenantTx, seed: SeedUser) -> Result<bool, DbError> {
        users::seed_user(tx, seed).await
    }
}
