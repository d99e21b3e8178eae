//! The `expand[]` parameter: ids in the response are replaced by the objects that they name.

use serde_json::Value;

use super::list::list_object;
use super::params::Params;
use crate::account::{Account, LineItem};
use crate::error::ApiError;

/// Fields that can be expanded.
const EXPANDABLE_FIELDS: &[&str] = &[
    "balance_transaction",
    "charge",
    "customer",
    "default_price",
    "latest_charge",
    "line_items",
    "payment_intent",
    "product",
    "refunds",
    "source",
];
const MAX_DEPTH: usize = 4;

/// Takes the paths to expand, such as `payment_intent.latest_charge`, out of the parameters.
///
/// Fails for a path that can never be expanded, so that such a request is rejected before it is executed.
pub(super) fn take_paths(params: &mut Params) -> Result<Vec<String>, ApiError> {
    let paths = params.strings("expand")?;
    for path in &paths {
        let fields: Vec<&str> = path.split('.').filter(|field| *field != "data").collect();
        if fields.len() > MAX_DEPTH {
            let message = format!("You cannot expand more than {MAX_DEPTH} levels of a property.");
            return Err(ApiError::invalid_value("expand", message));
        }
        if let Some(field) = fields.iter().find(|field| !EXPANDABLE_FIELDS.contains(*field)) {
            return Err(not_expandable(field));
        }
    }
    Ok(paths)
}

/// Expands a rendered object or list. Fails when a path leads to a field that the object does not have.
pub(super) fn apply(
    account: &Account,
    response: &mut Value,
    paths: &[String],
) -> Result<(), ApiError> {
    for path in paths {
        let fields: Vec<&str> = path.split('.').collect();
        expand(account, response, &fields)?;
    }
    Ok(())
}

fn expand(account: &Account, object: &mut Value, fields: &[&str]) -> Result<(), ApiError> {
    let Some((field, rest)) = fields.split_first() else { return Ok(()) };
    if *field == "data" {
        let data = object.get_mut("data").and_then(Value::as_array_mut);
        let data = data.ok_or_else(|| not_expandable(field))?;
        return data.iter_mut().try_for_each(|element| expand(account, element, rest));
    }
    let list = omitted_list(account, object, field);
    let Some(properties) = object.as_object_mut() else { return Ok(()) };
    if let Some(list) = list {
        properties.entry((*field).to_owned()).or_insert(list);
    }
    let value = properties.get_mut(*field).ok_or_else(|| not_expandable(field))?;
    if let Some(expanded) = value.as_str().and_then(|id| account.render_by_id(id)) {
        *value = expanded;
    }
    expand(account, value, rest)
}

/// Returns a list that Stripe omits from an object unless it is expanded.
fn omitted_list(account: &Account, object: &Value, field: &str) -> Option<Value> {
    let id = object.get("id")?.as_str()?;
    match (object.get("object")?.as_str()?, field) {
        ("checkout.session", "line_items") => {
            let session = account.sessions.get(id)?;
            let items: Vec<Value> = session.line_items.iter().map(LineItem::to_stripe).collect();
            Some(list_object(&items, false, &format!("/v1/checkout/sessions/{id}/line_items")))
        }
        ("charge", "refunds") => {
            let refunds = account.refunds.iter().rev().filter(|refund| refund.charge == id);
            let data: Vec<Value> = refunds.map(|refund| account.render(refund)).collect();
            Some(list_object(&data, false, &format!("/v1/charges/{id}/refunds")))
        }
        _ => None,
    }
}

fn not_expandable(field: &str) -> ApiError {
    ApiError::invalid_value("expand", format!("This property cannot be expanded ({field})."))
}
