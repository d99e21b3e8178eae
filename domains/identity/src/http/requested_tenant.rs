//! The tenant that a request names before anyone has logged in.

use bk_guard::{Origins, Problem, RequestContext};
use bk_kernel::{Code, OperationContext};

use crate::{Identity, requested_tenant::RequestedTenant};

/// Looks up the tenant that a body names, and checks the caller's origin against its list. The list
/// of a tenant that does not exist is empty, so an origin is refused there as it is at a tenant that
/// does not list it.
///
/// Fails with `ORIGIN_REJECTED` when a browser calls from another tenant's front end.
pub(crate) async fn requested_tenant(
    identity: &Identity,
    ctx: &RequestContext,
    origins: &Origins,
    slug: &str,
) -> Result<RequestedTenant, Problem> {
    let tenant = RequestedTenant::find(identity, slug).await?;
    match (tenant.settings(), &ctx.origin) {
        (Some(settings), _) => origins.allowed_for(ctx, settings)?,
        (None, Some(origin)) if !origins.is_own(ctx.surface, origin) => {
            return Err(Problem::new(Code::OriginRejected));
        }
        (None, _) => {}
    }
    Ok(tenant)
}

/// The operation of a caller who has not logged in, at the tenant named.
pub(crate) fn anonymous_context(
    ctx: &RequestContext,
    tenant: &RequestedTenant,
) -> OperationContext {
    OperationContext::anonymous(tenant.id(), ctx.request_id, ctx.now)
}
