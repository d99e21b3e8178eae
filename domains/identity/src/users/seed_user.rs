//! Puts a ready user into a tenant: demo data and the first operator.

use bk_kernel::UserId;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    store,
    user::{Email, UserKind, UserStatus, tidy_roles},
};
use crate::passwords::Phc;

/// Whom to put there.
#[derive(Debug, Clone)]
pub struct SeedUser {
    /// A fixed id, so that other seeds can refer to it.
    pub id: UserId,
    /// A valid address.
    pub email: String,
    /// What to call them.
    pub display_name: String,
    /// Role keys; not checked against the catalogue.
    pub roles: Vec<String>,
    /// A hash made once ([`Identity::hash_password`](crate::Identity::hash_password)) and shared.
    pub password: Phc,
    /// When.
    pub at: DateTime<Utc>,
}

/// Inserts the user as `ACTIVE`. Whoever has the id or the address already is left as they are.
/// Returns whether somebody was inserted.
pub(crate) async fn seed_user(tx: &TenantTx, seed: SeedUser) -> Result<bool, DbError> {
    let email: Email = seed
        .email
        .parse()
        .map_err(|_| DbError::other("a seeded address is not an e-mail address"))?;
    let roles = tidy_roles(&seed.roles);
    let kind = UserKind::of_roles(&roles)
        .ok_or_else(|| DbError::other("a seeded user has no roles, or client among others"))?;
    let row = store::NewUser {
        id: seed.id,
        email: &email,
        display_name: &seed.display_name,
        kind,
        status: UserStatus::Active,
        password: Some(&seed.password),
        at: seed.at,
    };
    let inserted = store::insert(tx, &row).await?;
    if inserted {
        store::replace_roles(tx, seed.id, &roles).await?;
    }
    Ok(inserted)
}
