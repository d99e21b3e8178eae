//! The use case: give a tenant its built-in roles, or bring them up to the catalogue, which grows with
//! the code.

use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};

use super::{
    builtin::{self, TenantKind},
    catalogue::Catalogue,
    store,
};

/// Writes the built-in roles of the tenant that differ from the catalogue. Returns their keys.
pub(crate) async fn put_builtin_roles(
    ctx: &OperationContext,
    tx: &TenantTx,
    catalogue: &Catalogue,
    kind: TenantKind,
) -> Result<Vec<&'static str>, DbError> {
    let mut changed = Vec::new();
    for role in builtin::roles_of(kind, catalogue) {
        if store::put_builtin(tx, &role, ctx.at()).await? {
            changed.push(role.key);
        }
    }
    Ok(changed)
}
