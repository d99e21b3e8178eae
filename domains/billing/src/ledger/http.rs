//! `/admin/billing/reconcile`.

use actix_web::{post, web};
use bk_guard::{Allowed, Guarded, Json, Policy, Problem, Routes};
use bk_persistence::DbError;
use serde::Serialize;
use utoipa::ToSchema;

use super::request_reconciliation;
use crate::{Billing, permissions::BillingOperate};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(reconcile_billing);
}

/// Reconcile with the payment provider
///
/// Asks the payment provider about every purchase that waits for its payment, soon.
#[utoipa::path(tag = "webhooks", responses(Json<QueuedReconciliation>))]
#[post("/admin/billing/reconcile")]
pub(crate) async fn reconcile_billing(
    who: Allowed<BillingOperate>,
    billing: web::Data<Billing>,
) -> Result<Json<QueuedReconciliation>, Problem> {
    let queued = billing.db().transaction(&who, who.clone(), async |tx, who| {
        request_reconciliation::request_reconciliation(&who, &tx).await
    });
    let queued: Result<(), DbError> = queued.await;
    queued?;
    Ok(Json(QueuedReconciliation { queued: true }))
}

impl Guarded for reconcile_billing {
    const POLICY: Policy = Policy::admin::<BillingOperate>().writes();
}

/// The comparison is queued.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueuedReconciliation {
    /// Always true.
    #[schema(example = true)]
    queued: bool,
}
