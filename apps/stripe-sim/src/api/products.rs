//! Products: create, update, list.

use serde_json::Value;

use super::customers::merge_metadata;
use super::list;
use super::params::Params;
use super::prices::parse_price;
use crate::account::{Account, Price, Product, RequestContext, Resource as _};
use crate::error::ApiError;
use crate::ids;

pub(super) fn create(
    account: &mut Account,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    let mut product = parse_product(&mut params, context)?;
    if let Some(id) = params.string("id")? {
        if account.products.get(&id).is_some() {
            let message = format!("Product already exists: {id}");
            let code = Some("resource_already_exists");
            return Err(ApiError::invalid_state(code, Some("id"), message));
        }
        product.id = id;
    }
    product.active = params.boolean("active")?.unwrap_or(true);
    let price = match params.object("default_price_data")? {
        None => None,
        Some(mut data) => {
            let price = parse_price(&mut data, &product.id, context)?;
            data.deny_unknown()?;
            Some(price)
        }
    };
    params.deny_unknown()?;
    product.default_price = price.as_ref().map(|price| price.id.clone());
    let rendered = account.render(&product);
    account.products.insert(product);
    if let Some(price) = price {
        account.prices.insert(price);
    }
    Ok(rendered)
}

pub(super) fn update(
    account: &mut Account,
    id: &str,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    let mut product = account.products.find(id, "id")?.clone();
    if let Some(name) = params.string("name")? {
        product.name = name;
    }
    params.patch("description", &mut product.description)?;
    if let Some(active) = params.boolean("active")? {
        product.active = active;
    }
    if let Some(default_price) = params.string("default_price")? {
        if account.prices.get(&default_price).is_none_or(|price| price.product != id) {
            return Err(ApiError::unknown_reference(Price::NAME, &default_price, "default_price"));
        }
        product.default_price = Some(default_price);
    }
    merge_metadata(&mut product.metadata, params.metadata("metadata")?);
    params.deny_unknown()?;
    product.updated = context.now;
    let rendered = account.render(&product);
    account.products.update(product);
    Ok(rendered)
}

pub(super) fn list(account: &Account, mut params: Params) -> Result<Value, ApiError> {
    let active = params.boolean("active")?;
    let ids = params.strings("ids")?;
    list::list(account, &account.products, params, "/v1/products", |product| {
        active.is_none_or(|wanted| wanted == product.active)
            && (ids.is_empty() || ids.contains(&product.id))
    })
}

/// Parses the parameters that `POST /v1/products` and `product_data` have in common.
pub(super) fn parse_product(
    params: &mut Params,
    context: &RequestContext,
) -> Result<Product, ApiError> {
    Ok(Product {
        id: ids::product(),
        created: context.now,
        updated: context.now,
        active: true,
        name: params.required_string("name")?,
        description: params.string("description")?,
        default_price: None,
        metadata: params.metadata("metadata")?,
    })
}
