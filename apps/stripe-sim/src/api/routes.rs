//! Which path does what. `read` cannot change the book; `write` may.

use serde_json::Value;

use super::form::Params;
use super::list::list;
use super::{ApiError, catalog, customers, expand, refunds, sessions};
use crate::book::{Book, EventRecord, Origin, Resource, Shelf};

/// Carries out a GET.
pub(super) fn read(book: &Book, path: &str, mut params: Params) -> Result<Value, ApiError> {
    let paths = expand::take(&mut params)?;
    let segments: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    let mut value = match segments.as_slice() {
        ["checkout", "sessions"] => sessions::list_all(book, params),
        ["checkout", "sessions", id] => one(book, &book.sessions, id, "session", params),
        ["checkout", "sessions", id, "line_items"] => sessions::line_items(book, id, params),
        ["payment_intents"] => {
            let customer = params.text("customer")?;
            list(book, &book.payment_intents, params, path, |intent| {
                customer.is_none() || intent.customer == customer
            })
        }
        ["payment_intents", id] => one(book, &book.payment_intents, id, "intent", params),
        ["charges"] => {
            let intent = params.text("payment_intent")?;
            list(book, &book.charges, params, path, |charge| {
                intent.as_ref().is_none_or(|wanted| *wanted == charge.payment_intent)
            })
        }
        ["charges", id] => one(book, &book.charges, id, "id", params),
        ["customers"] => customers::list_all(book, params),
        ["customers", id] => one(book, &book.customers, id, "id", params),
        ["products"] => catalog::list_products(book, params),
        ["products", id] => one(book, &book.products, id, "id", params),
        ["prices"] => catalog::list_prices(book, params),
        ["prices", id] => one(book, &book.prices, id, "price", params),
        ["refunds"] => refunds::list_all(book, params),
        ["refunds", id] => one(book, &book.refunds, id, "refund", params),
        ["events"] => events(book, params),
        ["events", id] => one(book, &book.events, id, "id", params),
        ["balance_transactions"] => {
            let source = params.text("source")?;
            let kind = params.text("type")?;
            list(book, &book.balance_transactions, params, path, |transaction| {
                source.as_ref().is_none_or(|wanted| *wanted == transaction.source)
                    && kind.as_ref().is_none_or(|wanted| *wanted == transaction.kind)
            })
        }
        ["balance_transactions", id] => one(book, &book.balance_transactions, id, "id", params),
        _ => Err(ApiError::unknown_route("GET", path)),
    }?;
    expand::apply(book, &mut value, &paths)?;
    Ok(value)
}

/// Carries out a POST.
pub(super) fn write(
    book: &mut Book,
    path: &str,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    let paths = expand::take(&mut params)?;
    let segments: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    let mut value = match segments.as_slice() {
        ["checkout", "sessions"] => sessions::create(book, params, origin),
        ["checkout", "sessions", id, "expire"] => sessions::expire(book, id, params, origin),
        ["customers"] => customers::create(book, params, origin),
        ["customers", id] => customers::update(book, id, params),
        ["products"] => catalog::create_product(book, params, origin),
        ["products", id] => catalog::update_product(book, id, params, origin),
        ["prices"] => catalog::create_price(book, params, origin),
        ["prices", id] => catalog::update_price(book, id, params),
        ["refunds"] => refunds::create(book, params, origin),
        _ => Err(ApiError::unknown_route("POST", path)),
    }?;
    expand::apply(book, &mut value, &paths)?;
    Ok(value)
}

fn one<T: Resource>(
    book: &Book,
    shelf: &Shelf<T>,
    id: &str,
    param: &str,
    params: Params,
) -> Result<Value, ApiError> {
    params.finish()?;
    let found = shelf.get(id).ok_or_else(|| ApiError::missing(T::NAME, id, param, 404))?;
    Ok(book.render(found))
}

fn events(book: &Book, mut params: Params) -> Result<Value, ApiError> {
    let kind = params.text("type")?;
    let kinds = params.texts("types")?;
    let delivered = params.boolean("delivery_success")?;
    list(book, &book.events, params, "/v1/events", |event: &EventRecord| {
        let success = event.status == crate::book::DeliveryStatus::Delivered;
        kind.as_ref().is_none_or(|kind| matches_kind(kind, &event.kind))
            && (kinds.is_empty() || kinds.contains(&event.kind))
            && delivered.is_none_or(|wanted| wanted == success)
    })
}

/// Stripe lets `type` end in `.*`.
fn matches_kind(wanted: &str, kind: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => wanted == kind,
    }
}
