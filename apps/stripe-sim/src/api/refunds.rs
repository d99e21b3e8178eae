//! Refunds: create, list.

use serde_json::Value;

use super::ApiError;
use super::form::Params;
use super::list::list;
use crate::book::{self, Book, NewRefund, Origin, RefundReason};

pub(super) fn create(
    book: &mut Book,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let new = NewRefund {
        payment_intent: params.text("payment_intent")?,
        charge: params.text("charge")?,
        amount: params.integer("amount")?,
        reason: params.one_of("reason", &reasons)?.map(|reason| match reason {
            "duplicate" => RefundReason::Duplicate,
            "fraudulent" => RefundReason::Fraudulent,
            _ => RefundReason::RequestedByCustomer,
        }),
        metadata: params.metadata("metadata")?,
    };
    params.finish()?;
    let id = book::refund(book, new, origin)?;
    Ok(book.render_by_id(&id).unwrap_or(Value::Null))
}

pub(super) fn list_all(book: &Book, mut params: Params) -> Result<Value, ApiError> {
    let intent = params.text("payment_intent")?;
    let charge = params.text("charge")?;
    list(book, &book.refunds, params, "/v1/refunds", |refund| {
        intent.as_ref().is_none_or(|wanted| *wanted == refund.payment_intent)
            && charge.as_ref().is_none_or(|wanted| *wanted == refund.charge)
    })
}
