//! Reads one member.

use bk_kernel::{Authorized, UserId};
use bk_persistence::DbError;

use crate::{
    Identity,
    permissions::MembersRead,
    users::{self, Member},
};

/// Returns a member, or none when the tenant has no such user.
pub(crate) async fn get_member(
    ctx: &Authorized<MembersRead>,
    identity: &Identity,
    id: UserId,
) -> Result<Option<Member>, DbError> {
    identity.db().read(ctx, id, async |tx, id| users::find_member(&tx, id).await).await
}
