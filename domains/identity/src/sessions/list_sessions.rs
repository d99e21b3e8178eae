//! Lists the caller's own sessions.

use bk_kernel::{Cursor, Limit, OperationContext, Page};
use bk_persistence::DbError;

use super::{
    session::{ActiveSession, SessionSurface},
    store,
};
use crate::Identity;

/// Returns a page of the caller's active sessions on the surface they call from, the newest first.
/// Nobody but a user has sessions.
pub(crate) async fn list_sessions(
    ctx: &OperationContext,
    identity: &Identity,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<ActiveSession>, DbError> {
    let Some(actor) = ctx.actor() else {
        return Ok(Page { items: Vec::new(), next_cursor: None });
    };
    let (user, surface) = (actor.user_id, SessionSurface::of_actor(actor.kind));
    let input = (user, surface, ctx.at(), limit, cursor);
    identity
        .db()
        .read(ctx, input, async |tx, (user, surface, now, limit, cursor)| {
            store::list_active(&tx, user, surface, now, limit, cursor).await
        })
        .await
}
