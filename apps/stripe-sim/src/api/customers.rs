//! Customers: create, change, list.

use serde_json::Value;

use super::ApiError;
use super::form::Params;
use super::list::list;
use crate::book::{Book, Customer, Metadata, Origin, Resource as _};
use crate::ids;

pub(super) fn create(
    book: &mut Book,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    let customer = Customer {
        id: ids::customer(),
        created: origin.now,
        email: params.text("email")?,
        name: params.text("name")?,
        phone: params.text("phone")?,
        description: params.text("description")?,
        metadata: params.metadata("metadata")?,
    };
    params.finish()?;
    let rendered = book.render(&customer);
    book.customers.put(customer);
    Ok(rendered)
}

pub(super) fn update(book: &mut Book, id: &str, mut params: Params) -> Result<Value, ApiError> {
    let mut customer = book
        .customers
        .get(id)
        .cloned()
        .ok_or_else(|| ApiError::missing(Customer::NAME, id, "id", 404))?;
    for (key, field) in [
        ("email", &mut customer.email),
        ("name", &mut customer.name),
        ("phone", &mut customer.phone),
        ("description", &mut customer.description),
    ] {
        params.change(key, field)?;
    }
    merge(&mut customer.metadata, params.metadata("metadata")?);
    params.finish()?;
    let rendered = book.render(&customer);
    if let Some(stored) = book.customers.get_mut(id) {
        *stored = customer;
    }
    Ok(rendered)
}

pub(super) fn list_all(book: &Book, mut params: Params) -> Result<Value, ApiError> {
    let email = params.text("email")?;
    list(book, &book.customers, params, "/v1/customers", |customer| {
        email.is_none() || customer.email == email
    })
}

/// New pairs replace old ones; an empty value removes its key.
pub(super) fn merge(metadata: &mut Metadata, changes: Metadata) {
    for (key, value) in changes {
        if value.is_empty() {
            metadata.remove(&key);
        } else {
            metadata.insert(key, value);
        }
    }
}
