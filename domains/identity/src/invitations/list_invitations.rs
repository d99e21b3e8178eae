//! Lists open invitations.

use bk_kernel::{Authorized, Cursor, Limit, Page};
use bk_persistence::{DbError, TenantTx};

use super::{
    invitation::{Invitation, OpenInvitation},
    store,
};
use crate::{
    Identity,
    permissions::MembersRead,
    users::{self, Member},
};

/// Returns a page of the open invitations by id, which is the order in which they were made.
pub(crate) async fn list_invitations(
    ctx: &Authorized<MembersRead>,
    identity: &Identity,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<OpenInvitation>, DbError> {
    identity
        .db()
        .read(ctx, (limit, cursor), async |tx, (limit, cursor)| {
            let page = store::list_open(&tx, limit, cursor).await?;
            let items = with_members(&tx, page.items).await?;
            Ok(Page { items, next_cursor: page.next_cursor })
        })
        .await
}

/// Adds its user to an invitation.
pub(super) async fn with_member(
    tx: &TenantTx,
    invitation: Invitation,
) -> Result<OpenInvitation, DbError> {
    let member = users::find_member(tx, invitation.user_id).await?.ok_or_else(no_user)?;
    Ok(OpenInvitation { invitation, member })
}

async fn with_members(
    tx: &TenantTx,
    invitations: Vec<Invitation>,
) -> Result<Vec<OpenInvitation>, DbError> {
    let ids: Vec<_> = invitations.iter().map(|invitation| invitation.user_id).collect();
    let members = users::find_members(tx, &ids).await?;
    let with_member = |invitation: Invitation| {
        let is_invited = |member: &&Member| member.user.id == invitation.user_id;
        let member = members.iter().find(is_invited).cloned().ok_or_else(no_user)?;
        Ok(OpenInvitation { invitation, member })
    };
    invitations.into_iter().map(with_member).collect()
}

/// The foreign key keeps the user of an invitation there.
fn no_user() -> DbError {
    DbError::other("an invitation's user is missing")
}
