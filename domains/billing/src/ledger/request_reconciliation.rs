//! The use case: staff ask for a comparison of their kitchen's purchases with Stripe.

use bk_kernel::Authorized;
use bk_persistence::{DbError, TenantTx, jobs};

use super::jobs::reconciliation_job;
use crate::permissions::BillingOperate;

/// Queues a reconciliation of the caller's tenant, unless one waits already.
pub(crate) async fn request_reconciliation(
    ctx: &Authorized<BillingOperate>,
    tx: &TenantTx,
) -> Result<(), DbError> {
    jobs::enqueue(tx, reconciliation_job(ctx)).await
}
