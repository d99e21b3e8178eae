//! Who a session token names.

use std::sync::Arc;

use bk_contracts::tenants::TenantStatus;
use bk_kernel::{Actor, SessionRef, Surface, TenantId};
use bk_persistence::DbError;

use super::{
    cache::Live,
    session::SEEN_EVERY,
    store,
    token::{self, TokenHash},
};
use crate::Identity;

/// The live session of `token`, if it belongs to `surface` and is in the cache.
pub(crate) fn known(identity: &Identity, surface: Surface, token: &str) -> Option<Arc<Live>> {
    let (_, hash) = token::read(token)?;
    let live = identity.cache().get(&hash, identity.clock().now())?;
    (live.door.surface() == surface).then_some(live)
}

/// The live session of `token`, if it belongs to `surface`. One that is [`known`] costs no database
/// work; otherwise one transaction answers, and notes at most once in [`SEEN_EVERY`] that the session
/// is in use.
pub(crate) async fn authenticate(
    identity: &Identity,
    surface: Surface,
    token: &str,
) -> Result<Option<Arc<Live>>, DbError> {
    let Some((tenant, hash)) = token::read(token) else { return Ok(None) };
    let live = match identity.cache().get(&hash, identity.clock().now()) {
        Some(live) => Some(live),
        None => look_up(identity, tenant, hash).await?,
    };
    Ok(live.filter(|live| live.door.surface() == surface))
}

async fn look_up(
    identity: &Identity,
    tenant: TenantId,
    hash: TokenHash,
) -> Result<Option<Arc<Live>>, DbError> {
    let before = identity.cache().before();
    let settings = identity.tenants().settings(tenant).await?;
    let active = settings.filter(|settings| settings.status == TenantStatus::Active);
    let Some(kitchen) = active else { return Ok(None) };
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
                tenant_slug: kitchen.slug.clone(),
                tenant_name: kitchen.name.clone(),
            })))
        })
        .await?;
    if let Some(live) = &live {
        identity.cache().keep(before, Arc::clone(live));
    }
    Ok(live)
}
