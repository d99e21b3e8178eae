//! Gives a member other roles.

use bk_audit::AuditEntry;
use bk_kernel::Authorized;
use bk_persistence::TenantTx;
use serde_json::json;

use crate::{
    Identity,
    permissions::MembersWrite,
    sessions::{self, ChangedSessions},
    users::{self, ChangeRoles, ChangeRolesError, Member},
};

/// Replaces the roles of a member. Their running sessions have the new ones at once.
pub(crate) async fn change_roles(
    ctx: &Authorized<MembersWrite>,
    identity: &Identity,
    change: ChangeRoles,
) -> Result<Member, ChangeRolesError> {
    let input = (ctx.clone(), identity.clone(), change);
    let (member, refreshed) = identity
        .db()
        .transaction(ctx, input, async |tx, (ctx, identity, change)| {
            change_in(&ctx, &tx, &identity, &change).await
        })
        .await?;
    sessions::forget(identity, &refreshed);
    Ok(member)
}

async fn change_in(
    ctx: &Authorized<MembersWrite>,
    tx: &TenantTx,
    identity: &Identity,
    change: &ChangeRoles,
) -> Result<(Member, ChangedSessions), ChangeRolesError> {
    let changed = users::change_user_roles(ctx, tx, identity.roles(), change).await?;
    let refreshed = sessions::refresh_sessions_of(tx, change.id).await?;
    let entry = AuditEntry::of(ctx, "member.roles_changed", "user", change.id)
        .details(json!({ "before": changed.before, "after": changed.member.roles }));
    bk_audit::append(tx, entry).await?;
    Ok((changed.member, refreshed))
}
