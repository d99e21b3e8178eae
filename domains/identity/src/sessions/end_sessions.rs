//! Ends sessions: one or all of the caller's own, all of a user, the one a browser presents.
//!
//! The transaction that ends a session tells every instance; this one forgets it as soon as the
//! transaction has committed.

use bk_kernel::{OperationContext, SessionId, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{
    cache::{self, ChangedSessions, publish_changes},
    session::{EndReason, SessionFilter, SessionSurface},
    store,
    token::SessionToken,
};
use crate::Identity;

/// Ends one of the caller's own sessions. Returns false when they have no such session.
pub(crate) async fn end_session(
    ctx: &OperationContext,
    identity: &Identity,
    id: SessionId,
    reason: EndReason,
) -> Result<bool, DbError> {
    let one = |surface| SessionFilter::One(id, surface);
    let ended = end_own(ctx, identity, one, reason).await?;
    Ok(!ended.is_empty())
}

/// Ends all of the caller's own sessions on the surface they call from.
pub(crate) async fn end_all_sessions(
    ctx: &OperationContext,
    identity: &Identity,
) -> Result<(), DbError> {
    end_own(ctx, identity, SessionFilter::OnSurface, EndReason::Logout).await.map(drop)
}

async fn end_own(
    ctx: &OperationContext,
    identity: &Identity,
    filter: impl FnOnce(SessionSurface) -> SessionFilter,
    reason: EndReason,
) -> Result<ChangedSessions, DbError> {
    let Some(actor) = ctx.actor() else { return Ok(ChangedSessions::default()) };
    let filter = filter(SessionSurface::of_actor(actor.kind));
    let input = (actor.user_id, filter, reason, ctx.at());
    let ended = identity
        .db()
        .transaction(ctx, input, async |tx, (user, filter, reason, now)| {
            let hashes = store::end(&tx, user, filter, reason, now).await?;
            publish_changes(&tx, hashes).await
        })
        .await?;
    cache::forget(identity, &ended);
    Ok(ended)
}

/// Ends all sessions of a user, in the caller's transaction.
pub(crate) async fn end_sessions_of(
    ctx: &OperationContext,
    tx: &TenantTx,
    user: UserId,
    reason: EndReason,
) -> Result<ChangedSessions, DbError> {
    let hashes = store::end(tx, user, SessionFilter::All, reason, ctx.at()).await?;
    publish_changes(tx, hashes).await
}

/// Makes every instance look the sessions of a user up again, because what they may do has changed.
pub(crate) async fn refresh_sessions_of(
    tx: &TenantTx,
    user: UserId,
) -> Result<ChangedSessions, DbError> {
    let hashes = store::find_hashes(tx, user).await?;
    publish_changes(tx, hashes).await
}

/// Ends the session that a browser presents while a user logs in on `surface`; it may be that of
/// another user.
pub(super) async fn end_presented(
    ctx: &OperationContext,
    tx: &TenantTx,
    presented: &SessionToken,
    surface: SessionSurface,
) -> Result<ChangedSessions, DbError> {
    let hash = presented.hash();
    let ended = store::end_by_token(tx, hash, surface, EndReason::Rotated, ctx.at()).await?;
    publish_changes(tx, if ended { vec![*hash] } else { Vec::new() }).await
}
