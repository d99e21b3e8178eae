//! Puts an active user into a tenant: demo data and the first operator.

use bk_persistence::{DbError, TenantTx};

use super::{
    email::Email,
    store,
    user::{NewUser, UserKind, UserStatus, normalize_roles},
};
use crate::seed::SeedUser;

/// Inserts the user as `ACTIVE` and returns true. A user who has the id or the address already is
/// left as they are; the answer is then false.
///
/// Fails when the address is not one, when there are no roles, or when `client` is among others.
pub(crate) async fn seed_user(tx: &TenantTx, seed: SeedUser) -> Result<bool, DbError> {
    let email: Email = seed
        .email
        .parse()
        .map_err(|_| DbError::other("a seeded address is not an e-mail address"))?;
    let roles = normalize_roles(&seed.roles);
    let kind = UserKind::of_roles(&roles)
        .ok_or_else(|| DbError::other("a seeded user has no roles, or client among others"))?;
    let new = NewUser {
        id: seed.id,
        email,
        display_name: seed.display_name,
        kind,
        status: UserStatus::Active,
        password: Some(seed.password),
        at: seed.at,
    };
    let inserted = store::insert(tx, &new).await?;
    if inserted {
        store::replace_roles(tx, seed.id, &roles).await?;
    }
    Ok(inserted)
}
