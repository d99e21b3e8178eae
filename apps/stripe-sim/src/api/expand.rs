//! `expand[]`: ids replaced by the objects they name, up to four levels deep.

use serde_json::Value;

use super::ApiError;
use super::form::Params;
use super::list::envelope;
use crate::book::Book;

const EXPANDABLE: &[&str] = &[
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
const DEEPEST: usize = 4;

/// Takes the paths and refuses impossible ones, before anything is carried out.
pub(super) fn take(params: &mut Params) -> Result<Vec<String>, ApiError> {
    let paths = params.texts("expand")?;
    for path in &paths {
        let steps: Vec<&str> = path.split('.').filter(|step| *step != "data").collect();
        if steps.len() > DEEPEST {
            let message = format!("You cannot expand more than {DEEPEST} levels of a property.");
            return Err(ApiError::invalid("expand", message));
        }
        if let Some(step) = steps.iter().find(|step| !EXPANDABLE.contains(*step)) {
            return Err(refusal(step));
        }
    }
    Ok(paths)
}

/// Replaces ids along every path.
pub(super) fn apply(book: &Book, value: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        walk(book, value, &steps)?;
    }
    Ok(())
}

fn walk(book: &Book, value: &mut Value, steps: &[&str]) -> Result<(), ApiError> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    if *step == "data" {
        let rows =
            value.get_mut("data").and_then(Value::as_array_mut).ok_or_else(|| refusal(step))?;
        return rows.iter_mut().try_for_each(|row| walk(book, row, rest));
    }
    let owner = value.clone();
    let Some(fields) = value.as_object_mut() else { return Ok(()) };
    if let Some(included) = included_list(book, step, &owner) {
        fields.entry((*step).to_owned()).or_insert(included);
    }
    let field = fields.get_mut(*step).ok_or_else(|| refusal(step))?;
    if let Some(object) = field.as_str().and_then(|id| book.render_by_id(id)) {
        *field = object;
    }
    walk(book, field, rest)
}

/// Lists that Stripe leaves out of an object unless they are asked for.
fn included_list(book: &Book, step: &str, owner: &Value) -> Option<Value> {
    let id = owner.get("id")?.as_str()?;
    match (owner.get("object")?.as_str()?, step) {
        ("checkout.session", "line_items") => {
            let session = book.sessions.get(id)?;
            let items: Vec<Value> =
                session.line_items.iter().map(crate::book::LineItem::to_stripe).collect();
            Some(envelope(&items, false, &format!("/v1/checkout/sessions/{id}/line_items")))
        }
        ("charge", "refunds") => {
            let refunds = book.refunds.iter().rev().filter(|refund| refund.charge == id);
            let data: Vec<Value> = refunds.map(|refund| book.render(refund)).collect();
            Some(envelope(&data, false, &format!("/v1/charges/{id}/refunds")))
        }
        _ => None,
    }
}

fn refusal(step: &str) -> ApiError {
    ApiError::invalid("expand", format!("This property cannot be expanded ({step})."))
}
