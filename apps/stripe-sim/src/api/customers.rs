//! Customers: create, update, list.

use serde_json::Value;

use super::list;
use super::params::Params;
use crate::account::{Account, Customer, Metadata, RequestContext};
use crate::error::ApiError;
use crate::ids;

pub(super) fn create(
    account: &mut Account,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    let customer = Customer {
        id: ids::customer(),
        created: context.now,
        email: params.string("email")?,
        name: params.string("name")?,
        phone: params.string("phone")?,
        description: params.string("description")?,
        metadata: params.metadata("metadata")?,
    };
    params.deny_unknown()?;
    let rendered = account.render(&customer);
    account.customers.insert(customer);
    Ok(rendered)
}

pub(super) fn update(
    account: &mut Account,
    id: &str,
    mut params: Params,
) -> Result<Value, ApiError> {
    let mut customer = account.customers.find(id, "id")?.clone();
    params.patch("email", &mut customer.email)?;
    params.patch("name", &mut customer.name)?;
    params.patch("phone", &mut customer.phone)?;
    params.patch("description", &mut customer.description)?;
    merge_metadata(&mut customer.metadata, params.metadata("metadata")?);
    params.deny_unknown()?;
    let rendered = account.render(&customer);
    account.customers.update(customer);
    Ok(rendered)
}

pub(super) fn list(account: &Account, mut params: Params) -> Result<Value, ApiError> {
    let email = params.string("email")?;
    list::list(account, &account.customers, params, "/v1/customers", |customer| {
        email.is_none() || customer.email == email
    })
}

/// Applies the metadata of an update: pairs are added or replaced, and an empty value removes its key.
pub(super) fn merge_metadata(metadata: &mut Metadata, changes: Metadata) {
    for (key, value) in changes {
        if value.is_empty() {
            metadata.remove(&key);
        } else {
            metadata.insert(key, value);
        }
    }
}
