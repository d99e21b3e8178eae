//! Finds the session of a token.

use std::sync::Arc;

use bk_contracts::tenants::{TenantSettings, TenantStatus};
use bk_kernel::{Actor, OperationContext, RequestId, SessionRef, Surface, TenantId};
use bk_persistence::{DbError, TenantTx};

use super::{
    cache,
    session::{CachedSession, StoredSession},
    store,
    token::{self, TokenHash},
};
use crate::Identity;

/// Returns the active session of `token`, if it belongs to `surface` and is in the cache.
pub(crate) fn find_cached(
    identity: &Identity,
    surface: Surface,
    token: &str,
) -> Option<Arc<CachedSession>> {
    let (_, hash) = token::parse(token)?;
    let session = cache::find(identity.cache(), &hash, identity.clock().now())?;
    (session.surface.cookie_surface() == surface).then_some(session)
}

/// Returns the active session of `token`, if it belongs to `surface`. One that is in the cache costs
/// no database work; otherwise one transaction answers, and records that the session is in use if
/// that was not recorded within the last minute.
pub(crate) async fn authenticate(
    identity: &Identity,
    surface: Surface,
    token: &str,
) -> Result<Option<Arc<CachedSession>>, DbError> {
    let Some((tenant, hash)) = token::parse(token) else { return Ok(None) };
    let session = match cache::find(identity.cache(), &hash, identity.clock().now()) {
        Some(session) => Some(session),
        None => load(identity, tenant, hash).await?,
    };
    Ok(session.filter(|session| session.surface.cookie_surface() == surface))
}

/// Looks a session up in the database and keeps it in the cache.
async fn load(
    identity: &Identity,
    tenant: TenantId,
    hash: TokenHash,
) -> Result<Option<Arc<CachedSession>>, DbError> {
    let generation = identity.cache().generation();
    let settings = identity.tenants().settings(tenant).await?;
    let active = settings.filter(|settings| settings.status == TenantStatus::Active);
    let Some(settings) = active else { return Ok(None) };
    let ctx = OperationContext::anonymous(tenant, RequestId::new(), identity.clock().now());
    let input = (ctx.clone(), identity.clone(), settings, hash);
    let session = identity
        .db()
        .transaction(&ctx, input, async |tx, (ctx, identity, settings, hash)| {
            find_in(&ctx, &tx, &identity, &settings, &hash).await
        })
        .await?;
    if let Some(session) = &session {
        identity.cache().keep(generation, &hash, Arc::clone(session));
    }
    Ok(session)
}

async fn find_in(
    ctx: &OperationContext,
    tx: &TenantTx,
    identity: &Identity,
    settings: &TenantSettings,
    hash: &TokenHash,
) -> Result<Option<Arc<CachedSession>>, DbError> {
    let now = ctx.at();
    let stored = store::find_by_token(tx, hash).await?;
    let Some(mut stored) = stored.filter(|s| !s.deadlines.have_passed(s.surface, now)) else {
        return Ok(None);
    };
    if stored.deadlines.is_outdated(now) {
        store::record_use(tx, stored.id, now).await?;
        stored.deadlines.last_seen_at = now;
    }
    let permissions = identity.roles().permissions_of(tx, &stored.roles).await?;
    let StoredSession { id, user_id, surface, deadlines, aal2_at, email, display_name, roles } =
        stored;
    let actor = Actor {
        kind: surface.actor_kind(),
        tenant_id: ctx.tenant_id(),
        user_id,
        session: SessionRef { id, token_hash: *hash, aal2_at },
        roles,
        permissions,
    };
    Ok(Some(Arc::new(CachedSession {
        actor: Arc::new(actor),
        surface,
        deadlines,
        email,
        display_name,
        tenant_slug: settings.slug.clone(),
        tenant_name: settings.name.clone(),
    })))
}
