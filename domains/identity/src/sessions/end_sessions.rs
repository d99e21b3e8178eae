//! Ending sessions: one, all of a user, the one a browser presents at login; and the list of those
//! that live.
//!
//! Every instance is told in the transaction that ends a session; this one forgets it as soon as the
//! transaction has committed, without waiting to hear itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_kernel::{Actor, SessionId, Surface, UserId};
use bk_persistence::{DbError, TenantTx, invalidation};
use chrono::{DateTime, Utc};

use super::{
    session::{Device, Door, EndReason},
    store::{self, Which},
    token::{SessionToken, TokenHash},
};
use crate::Identity;

/// The notice that one session ended; its key is the hash of the token.
pub(crate) const TOPIC: &str = "session";

/// Sessions that a transaction ended or changed, for [`forget_ended`] after its commit.
#[must_use]
#[derive(Debug, Default)]
pub(crate) struct Ended(Vec<TokenHash>);

impl Ended {
    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any session was ended.
    pub(crate) fn any(&self) -> bool {
        !self.0.is_empty()
    }
}

/// The live sessions of the caller, the newest first.
pub(crate) async fn devices(
    identity: &Identity,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Device>, DbError> {
    let (user, door) = (actor.user_id, Door::of_actor(actor.kind));
    let scope = identity.db().tenant(actor.tenant_id);
    scope.read(move |tx| async move { store::live_of(&tx, user, door, now).await }).await
}

/// Ends one of the caller's own sessions; false when they have no such session.
pub(crate) async fn end_one(
    identity: &Identity,
    actor: &Actor,
    id: SessionId,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let which = Which::One(id, Door::of_actor(actor.kind));
    let ended = end_own(identity, actor, which, reason, now).await?;
    Ok(ended.any())
}

/// Ends all of the caller's own sessions.
pub(crate) async fn end_all_own(
    identity: &Identity,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let which = Which::Through(Door::of_actor(actor.kind));
    end_own(identity, actor, which, EndReason::Logout, now).await.map(drop)
}

async fn end_own(
    identity: &Identity,
    actor: &Actor,
    which: Which,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<Ended, DbError> {
    let user = actor.user_id;
    let ended = identity
        .db()
        .tenant(actor.tenant_id)
        .run(move |tx| async move {
            let hashes = store::end(&tx, user, which, reason, now).await?;
            tell(&tx, hashes).await
        })
        .await?;
    forget_ended(identity, &ended);
    Ok(ended)
}

/// Ends all sessions of somebody, in the caller's transaction.
pub(crate) async fn end_all_of(
    tx: &TenantTx,
    user: UserId,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<Ended, DbError> {
    let hashes = store::end(tx, user, Which::All, reason, now).await?;
    tell(tx, hashes).await
}

/// Makes every instance look somebody's sessions up again: their roles changed.
pub(crate) async fn refresh_all_of(tx: &TenantTx, user: UserId) -> Result<Ended, DbError> {
    let hashes = store::not_ended(tx, user).await?;
    tell(tx, hashes).await
}

/// Ends the session a browser presents, whoever's it is.
pub(super) async fn end_presented(
    tx: &TenantTx,
    old: &SessionToken,
    surface: Surface,
    now: DateTime<Utc>,
) -> Result<Ended, DbError> {
    let doors = match surface {
        Surface::Client => [Door::Client; 2],
        _ => [Door::Admin, Door::Platform],
    };
    let hash = store::end_by_token(tx, old.hash(), doors, EndReason::Rotated, now).await?;
    tell(tx, hash.into_iter().collect()).await
}

/// Tells every instance.
pub(super) async fn tell(tx: &TenantTx, hashes: Vec<TokenHash>) -> Result<Ended, DbError> {
    for hash in &hashes {
        invalidation::publish(tx, TOPIC, &URL_SAFE_NO_PAD.encode(hash)).await?;
    }
    Ok(Ended(hashes))
}

/// Forgets, in this process, what a committed transaction ended.
pub(crate) fn forget_ended(identity: &Identity, ended: &Ended) {
    for hash in &ended.0 {
        identity.cache().forget(hash);
    }
}

/// What a notice of [`TOPIC`] says.
pub(crate) fn heard(key: &str) -> Option<TokenHash> {
    URL_SAFE_NO_PAD.decode(key).ok()?.try_into().ok()
}
