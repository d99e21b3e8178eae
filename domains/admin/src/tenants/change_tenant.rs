//! The use cases that every change of a tenant goes through: lock it, save it.

use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx, invalidation};

use super::{store, tenant::Tenant};

/// The topic of notices that a tenant has changed; their key is its id.
pub(crate) const CHANGES_TOPIC: &str = "tenant";

/// Returns the transaction's tenant, locked until the transaction ends; none when it does not exist.
pub(crate) async fn lock_tenant(tx: &TenantTx) -> Result<Option<Tenant>, DbError> {
    store::lock(tx).await
}

/// Saves a locked tenant that `after` differs from: raises its version, brings the directories up to
/// date, and notifies every instance at commit. Returns the tenant as it is now.
pub(crate) async fn save_tenant(
    ctx: &OperationContext,
    tx: &TenantTx,
    before: &Tenant,
    after: Tenant,
) -> Result<Tenant, DbError> {
    let saved = Tenant { version: before.version + 1, updated_at: ctx.at(), ..after };
    store::save(tx, &saved).await?;
    if saved.status != before.status {
        store::put_in_directory(tx, &saved).await?;
    }
    if saved.origins != before.origins {
        store::put_origins(tx, &saved.origins).await?;
    }
    notify_of_change(tx).await?;
    Ok(saved)
}

/// Notifies every instance, at commit, that the transaction's tenant has changed.
pub(super) async fn notify_of_change(tx: &TenantTx) -> Result<(), DbError> {
    invalidation::notify(tx, CHANGES_TOPIC, &tx.tenant_id().to_string()).await
}
