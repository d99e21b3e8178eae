//! The routes of the API. A GET gets the account read-only; a POST may change it.

use serde_json::Value;

use super::list::list;
use super::params::Params;
use super::{checkout_sessions, customers, expand, prices, products, refunds};
use crate::account::{Account, Collection, DeliveryStatus, EventRecord, RequestContext, Resource};
use crate::error::ApiError;

/// Executes a GET.
pub(super) fn get(account: &Account, path: &str, mut params: Params) -> Result<Value, ApiError> {
    let expand_paths = expand::take_paths(&mut params)?;
    let segments: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    let mut value = match segments.as_slice() {
        ["checkout", "sessions"] => checkout_sessions::list(account, params),
        ["checkout", "sessions", id] => retrieve(account, &account.sessions, id, "session", params),
        ["checkout", "sessions", id, "line_items"] => {
            checkout_sessions::list_line_items(account, id, params)
        }
        ["payment_intents"] => {
            let customer = params.string("customer")?;
            list(account, &account.payment_intents, params, path, |intent| {
                customer.is_none() || intent.customer == customer
            })
        }
        ["payment_intents", id] => {
            retrieve(account, &account.payment_intents, id, "intent", params)
        }
        ["charges"] => {
            let intent = params.string("payment_intent")?;
            list(account, &account.charges, params, path, |charge| {
                intent.as_ref().is_none_or(|wanted| *wanted == charge.payment_intent)
            })
        }
        ["charges", id] => retrieve(account, &account.charges, id, "id", params),
        ["customers"] => customers::list(account, params),
        ["customers", id] => retrieve(account, &account.customers, id, "id", params),
        ["products"] => products::list(account, params),
        ["products", id] => retrieve(account, &account.products, id, "id", params),
        ["prices"] => prices::list(account, params),
        ["prices", id] => retrieve(account, &account.prices, id, "price", params),
        ["refunds"] => refunds::list(account, params),
        ["refunds", id] => retrieve(account, &account.refunds, id, "refund", params),
        ["events"] => list_events(account, params),
        ["events", id] => retrieve(account, &account.events, id, "id", params),
        ["balance_transactions"] => {
            let source = params.string("source")?;
            let kind = params.string("type")?;
            list(account, &account.balance_transactions, params, path, |transaction| {
                source.as_ref().is_none_or(|wanted| *wanted == transaction.source)
                    && kind.as_ref().is_none_or(|wanted| *wanted == transaction.kind)
            })
        }
        ["balance_transactions", id] => {
            retrieve(account, &account.balance_transactions, id, "id", params)
        }
        _ => Err(ApiError::unrecognized_url("GET", path)),
    }?;
    expand::apply(account, &mut value, &expand_paths)?;
    Ok(value)
}

/// Executes a POST.
pub(super) fn post(
    account: &mut Account,
    path: &str,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    let expand_paths = expand::take_paths(&mut params)?;
    let segments: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    let mut value = match segments.as_slice() {
        ["checkout", "sessions"] => checkout_sessions::create(account, params, context),
        ["checkout", "sessions", id, "expire"] => {
            checkout_sessions::expire(account, id, params, context)
        }
        ["customers"] => customers::create(account, params, context),
        ["customers", id] => customers::update(account, id, params),
        ["products"] => products::create(account, params, context),
        ["products", id] => products::update(account, id, params, context),
        ["prices"] => prices::create(account, params, context),
        ["prices", id] => prices::update(account, id, params),
        ["refunds"] => refunds::create(account, params, context),
        _ => Err(ApiError::unrecognized_url("POST", path)),
    }?;
    expand::apply(account, &mut value, &expand_paths)?;
    Ok(value)
}

fn retrieve<T: Resource>(
    account: &Account,
    collection: &Collection<T>,
    id: &str,
    id_param: &str,
    params: Params,
) -> Result<Value, ApiError> {
    params.deny_unknown()?;
    Ok(account.render(collection.find(id, id_param)?))
}

fn list_events(account: &Account, mut params: Params) -> Result<Value, ApiError> {
    let kind = params.string("type")?;
    let kinds = params.strings("types")?;
    let delivery_success = params.boolean("delivery_success")?;
    list(account, &account.events, params, "/v1/events", |event: &EventRecord| {
        let is_delivered = event.status == DeliveryStatus::Delivered;
        kind.as_ref().is_none_or(|pattern| matches_kind(pattern, &event.kind))
            && (kinds.is_empty() || kinds.contains(&event.kind))
            && delivery_success.is_none_or(|wanted| wanted == is_delivered)
    })
}

/// Returns whether an event type matches a `type` parameter, which may end in `*`.
fn matches_kind(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => pattern == kind,
    }
}
