//! Reading the whole catalogue, and holding it while it changes.

use bk_persistence::{DbError, TenantTx, invalidation};

use crate::{snapshot::CatalogueSnapshot, store};

/// The topic of the notices that a tenant's catalogue changed.
pub const TOPIC: &str = "catalogue";

/// The catalogue as this transaction sees it: one state of it, never a mixture of two.
pub async fn load_snapshot(tx: &TenantTx) -> Result<CatalogueSnapshot, DbError> {
    let stored = store::load_stored(tx).await?;
    // Every change checks the whole snapshot before it is written, so this is a defect.
    CatalogueSnapshot::compute(stored)
        .map_err(|error| DbError::other(format!("a stored recipe cannot be computed: {error}")))
}

/// How many changes the catalogue has seen: the version of a snapshot that is up to date.
pub async fn catalogue_version(tx: &TenantTx) -> Result<i64, DbError> {
    store::version(tx).await
}

/// Begins a change: until the transaction ends nobody else changes this tenant's catalogue, and with
/// its commit every instance drops what it has cached. A use case that writes ingredients, recipes, components or
/// presets calls it before reading what the change depends on.
pub async fn bump_version_and_notify(tx: &TenantTx) -> Result<(), DbError> {
    store::raise_version(tx, 1).await?;
    invalidation::notify(tx, TOPIC, &tx.tenant_id().uuid().to_string()).await
}

/// Locks the catalogue until the transaction ends: for writers of what depends on it.
pub async fn lock_catalogue(tx: &TenantTx) -> Result<(), DbError> {
    store::raise_version(tx, 0).await
}
