//! Reads users, in the caller's transaction.

use bk_contracts::identity::UserSummary;
use bk_kernel::{Cursor, Limit, Page, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{
    email::Email,
    store,
    user::{Credentials, Member, User, UserKind},
};

/// Returns a user.
pub(crate) async fn find_user(tx: &TenantTx, id: UserId) -> Result<Option<User>, DbError> {
    store::find(tx, id).await
}

/// Returns the user with this address, and the stored password.
pub(crate) async fn find_credentials(
    tx: &TenantTx,
    email: &Email,
) -> Result<Option<Credentials>, DbError> {
    store::find_by_email(tx, email).await
}

/// Returns a user with the roles held.
pub(crate) async fn find_member(tx: &TenantTx, id: UserId) -> Result<Option<Member>, DbError> {
    store::find_member(tx, id).await
}

/// Returns users with the roles they hold, in no particular order; unknown ids are left out.
pub(crate) async fn find_members(tx: &TenantTx, ids: &[UserId]) -> Result<Vec<Member>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    store::find_members(tx, ids).await
}

/// Returns a page of the users of one kind by id, which is the order in which they were invited.
pub(crate) async fn list_members(
    tx: &TenantTx,
    kind: UserKind,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Member>, DbError> {
    store::list_members(tx, kind, limit, cursor).await
}

/// Returns names and addresses, in no particular order; unknown ids are left out.
pub(crate) async fn summarize_users(
    tx: &TenantTx,
    ids: &[UserId],
) -> Result<Vec<UserSummary>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    store::find_summaries(tx, ids).await
}

/// Whether any user of the tenant, disabled ones included, holds the role.
pub(crate) async fn is_role_held(tx: &TenantTx, key: &str) -> Result<bool, DbError> {
    store::is_role_held(tx, key).await
}
