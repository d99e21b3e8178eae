//! The use case: bring the built-in roles of every tenant up to the catalogue.

use std::sync::atomic::{AtomicUsize, Ordering};

use bk_audit::AuditEntry;
use bk_kernel::{OperationContext, RequestId};
use bk_persistence::{
    DbError, TenantTx,
    jobs::{JobContext, JobError, for_each_tenant},
};
use serde_json::json;

use super::{read_tenants::list_all_tenants, store};
use crate::{Admin, roles::put_builtin_roles};

/// The name of this work in logs.
const WORK: &str = "admin.sync_builtin_roles";

/// Brings every tenant up to date, suspended ones too. Returns in how many a role changed. Any number
/// of instances may do it at once.
///
/// Fails with [`JobError`] when the tenants cannot be listed, or it failed for some of them, after it
/// was done for the others.
pub(crate) async fn sync_builtin_roles(admin: &Admin) -> Result<usize, JobError> {
    let run = JobContext::new(WORK, None, RequestId::new(), admin.clock().now());
    let tenants = list_all_tenants(admin.platform()).await?;
    let changed = AtomicUsize::new(0);
    let sync_one = async |ctx: OperationContext| {
        let input = (ctx.clone(), admin.clone());
        let synced = admin.db().transaction(&ctx, input, async |tx, (ctx, admin)| {
            sync_within(&ctx, &tx, &admin).await
        });
        let synced: bool = synced.await?;
        changed.fetch_add(usize::from(synced), Ordering::Relaxed);
        Ok::<_, DbError>(())
    };
    for_each_tenant(&run, tenants, sync_one).await?;
    Ok(changed.into_inner())
}

async fn sync_within(
    ctx: &OperationContext,
    tx: &TenantTx,
    admin: &Admin,
) -> Result<bool, DbError> {
    // A directory entry is written with its tenant; without a tenant there is nothing to do.
    let Some(tenant) = store::find(tx).await? else { return Ok(false) };
    let changed = put_builtin_roles(ctx, tx, admin.catalogue(), tenant.slug.kind()).await?;
    if changed.is_empty() {
        return Ok(false);
    }
    admin.users().forget_sessions(tx).await?;
    let entry = AuditEntry::of(ctx, "role.synchronised", "tenant", tenant.id)
        .details(json!({ "keys": changed }));
    bk_audit::append(tx, entry).await?;
    Ok(true)
}
