//! Lists members.

use bk_kernel::{Authorized, Cursor, Limit, Page};
use bk_persistence::DbError;

use crate::{
    Identity,
    permissions::MembersRead,
    users::{self, Member, UserKind},
};

/// Returns a page of the members of one kind, in the order in which they were invited.
pub(crate) async fn list_members(
    ctx: &Authorized<MembersRead>,
    identity: &Identity,
    kind: UserKind,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Member>, DbError> {
    identity
        .db()
        .read(ctx, (kind, limit, cursor), async |tx, (kind, limit, cursor)| {
            users::list_members(&tx, kind, limit, cursor).await
        })
        .await
}
