//! Refunds: create, list.

use serde_json::Value;

use super::list;
use super::params::Params;
use crate::account::{self, Account, NewRefund, RefundReason, RequestContext};
use crate::error::ApiError;

pub(super) fn create(
    account: &mut Account,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let new = NewRefund {
        payment_intent: params.string("payment_intent")?,
        charge: params.string("charge")?,
        amount: params.integer("amount")?,
        reason: params.one_of("reason", &reasons)?.map(|reason| match reason {
            "duplicate" => RefundReason::Duplicate,
            "fraudulent" => RefundReason::Fraudulent,
            _ => RefundReason::RequestedByCustomer,
        }),
        metadata: params.metadata("metadata")?,
    };
    params.deny_unknown()?;
    let id = account::refund(account, new, context)?;
    Ok(account.render_by_id(&id).unwrap_or(Value::Null))
}

pub(super) fn list(account: &Account, mut params: Params) -> Result<Value, ApiError> {
    let intent = params.string("payment_intent")?;
    let charge = params.string("charge")?;
    list::list(account, &account.refunds, params, "/v1/refunds", |refund| {
        intent.as_ref().is_none_or(|wanted| *wanted == refund.payment_intent)
            && charge.as_ref().is_none_or(|wanted| *wanted == refund.charge)
    })
}
