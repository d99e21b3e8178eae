//! Who a session token names.

use std::sync::Arc;

use bk_contracts::tenants::{TenantSettings, TenantStatus};
use bk_kernel::{Actor, SessionRef, Surface, TenantId};
use bk_persistence::DbError;

use super::{
    cache::Live,
    session::SEEN_EVERY,
    store,
    token::{self, TokenHash},
};
use crate::Identity;

/// The live session of `token`, if it belongs to `surface`. A session known to the cache costs no
/// database work; otherwise one transaction answers, and notes at most once in [`SEEN_EVERY`] that
/// the session is in use.
pub(crate) async fn authenticate(
    identity: &Identity,
    surface: Surface,
    token: &str,
) -> Result<Option<Arc<Live>>, DbError> {
    let Some((tenant, hash)) = token::read(token) else { return Ok(None) };
    let live = session(identity, tenant, hash).await?;
    Ok(live.filter(|live| live.door.surface() == surface))
}

/// The person behind an authenticated actor; none when the session ended in the meantime.
pub(crate) async fn profile(
    identity: &Identity,
    actor: &Actor,
) -> Result<Option<(Arc<Live>, Arc<TenantSettings>)>, DbError> {
    let Some(live) = session(identity, actor.tenant_id, actor.session.token_hash).await? else {
        return Ok(None);
    };
    let settings = identity.tenants().settings(actor.tenant_id).await?;
    Ok(settings.map(|settings| (live, settings)))
}

async fn session(
    identity: &Identity,
    tenant: TenantId,
    hash: TokenHash,
) -> Result<Option<Arc<Live>>, DbError> {
    match identity.cache().get(&hash, identity.clock().now()) {
        Some(live) => Ok(Some(live)),
        // Boxed, because every request carries this future and few need it.
        None => Box::pin(look_up(identity, tenant, hash)).await,
    }
}

async fn look_up(
    identity: &Identity,
    tenant: TenantId,
    hash: TokenHash,
) -> Result<Option<Arc<Live>>, DbError> {
    let before = identity.cache().before();
    let settings = identity.tenants().settings(tenant).await?;
    if settings.is_none_or(|settings| settings.status != TenantStatus::Active) {
        return Ok(None);
    }
    let parts = identity.clone();
    let live = identity
        .db()
        .tenant(tenant)
        .run(move |tx| async move {
            let now = parts.clock().now();
            let Some(mut found) = store::by_token(&tx, &hash).await? else { return Ok(None) };
            if !found.deadlines.live(found.door, now) {
                return Ok(None);
            }
            if now - found.deadlines.last_seen_at >= SEEN_EVERY {
                store::touch(&tx, found.id, now).await?;
                found.deadlines.last_seen_at = now;
            }
            let permissions = parts.roles().permissions_of(&tx, &found.roles).await?;
            let actor = Actor {
                kind: found.door.actor_kind(),
                tenant_id: tenant,
                user_id: found.user_id,
                session: SessionRef { id: found.id, token_hash: hash, aal2_at: found.aal2_at },
                roles: found.roles,
                permissions,
            };
            Ok::<_, DbError>(Some(Arc::new(Live {
                actor: Arc::new(actor),
                door: found.door,
                deadlines: found.deadlines,
                email: found.email,
                display_name: found.display_name,
            })))
        })
        .await?;
    if let Some(live) = &live {
        identity.cache().keep(before, Arc::clone(live));
    }
    Ok(live)
}
