//! Reading members.

use bk_kernel::{Cursor, Limit, Page, Permit, TenantId, UserId};
use bk_persistence::DbError;

use crate::{
    Identity,
    permissions::MembersRead,
    users::{self, Member, UserKind},
};

/// A page of the members of one kind, in the order in which they were invited.
pub(crate) async fn list_members(
    identity: &Identity,
    _permit: Permit<MembersRead>,
    tenant: TenantId,
    kind: UserKind,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Member>, DbError> {
    let scope = identity.db().tenant(tenant);
    let rows =
        scope.read(move |tx| async move { users::list(&tx, kind, limit, after).await }).await?;
    Ok(Page::from_overfetch(rows, limit, |member| member.user.id.uuid()))
}

/// One member.
pub(crate) async fn read_member(
    identity: &Identity,
    _permit: Permit<MembersRead>,
    tenant: TenantId,
    id: UserId,
) -> Result<Option<Member>, DbError> {
    let scope = identity.db().tenant(tenant);
    scope.read(move |tx| async move { users::member(&tx, id).await }).await
}
