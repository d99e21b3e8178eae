//! Prices: create, update, list.

use serde_json::Value;

use super::customers::merge_metadata;
use super::list;
use super::params::Params;
use super::products::parse_product;
use crate::account::{Account, Metadata, Price, Product, Recurring, RequestContext};
use crate::error::ApiError;
use crate::{ids, money};

pub(super) fn create(
    account: &mut Account,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    let existing_product = params.string("product")?;
    let new_product = match params.object("product_data")? {
        None => None,
        Some(mut data) => {
            let product = parse_product(&mut data, context)?;
            data.deny_unknown()?;
            Some(product)
        }
    };
    let product_id = product_id(account, existing_product, new_product.as_ref(), "product")?;
    let mut price = parse_price(&mut params, &product_id, context)?;
    price.active = params.boolean("active")?.unwrap_or(true);
    price.nickname = params.string("nickname")?;
    price.lookup_key = params.string("lookup_key")?;
    price.metadata = params.metadata("metadata")?;
    params.deny_unknown()?;
    let has_same_key =
        |other: &Price| other.lookup_key.is_some() && other.lookup_key == price.lookup_key;
    if account.prices.iter().any(has_same_key) {
        let message = "A price (active or not) already uses that lookup key.";
        let code = Some("resource_already_exists");
        return Err(ApiError::invalid_state(code, Some("lookup_key"), message));
    }
    let rendered = account.render(&price);
    if let Some(product) = new_product {
        account.products.insert(product);
    }
    account.prices.insert(price);
    Ok(rendered)
}

pub(super) fn update(
    account: &mut Account,
    id: &str,
    mut params: Params,
) -> Result<Value, ApiError> {
    let mut price = account.prices.find(id, "price")?.clone();
    if let Some(active) = params.boolean("active")? {
        price.active = active;
    }
    params.patch("nickname", &mut price.nickname)?;
    merge_metadata(&mut price.metadata, params.metadata("metadata")?);
    params.deny_unknown()?;
    let rendered = account.render(&price);
    account.prices.update(price);
    Ok(rendered)
}

pub(super) fn list(account: &Account, mut params: Params) -> Result<Value, ApiError> {
    let active = params.boolean("active")?;
    let product = params.string("product")?;
    let lookup_keys = params.strings("lookup_keys")?;
    list::list(account, &account.prices, params, "/v1/prices", |price| {
        active.is_none_or(|wanted| wanted == price.active)
            && product.as_ref().is_none_or(|wanted| *wanted == price.product)
            && (lookup_keys.is_empty()
                || price.lookup_key.as_ref().is_some_and(|key| lookup_keys.contains(key)))
    })
}

/// Parses the parameters that `POST /v1/prices`, `default_price_data` and `price_data` have in common.
pub(super) fn parse_price(
    params: &mut Params,
    product_id: &str,
    context: &RequestContext,
) -> Result<Price, ApiError> {
    Ok(Price {
        id: ids::price(),
        created: context.now,
        active: true,
        currency: parse_currency(params)?,
        lookup_key: None,
        nickname: None,
        product: product_id.to_owned(),
        recurring: parse_recurring(params)?,
        tax_behavior: params
            .one_of("tax_behavior", &["inclusive", "exclusive", "unspecified"])?
            .unwrap_or("unspecified")
            .to_owned(),
        unit_amount: parse_unit_amount(params)?,
        metadata: Metadata::new(),
    })
}

/// Returns the id of the product that a price belongs to, which either exists or is created with the price.
/// Fails when both or neither are given, or the existing one is unknown; `param` names the parameter.
pub(super) fn product_id(
    account: &Account,
    existing: Option<String>,
    new: Option<&Product>,
    param: &str,
) -> Result<String, ApiError> {
    match (existing, new) {
        (Some(_), Some(_)) => Err(ApiError::invalid_value(
            param,
            "You may only specify one of these parameters: product, product_data.",
        )),
        (None, None) => Err(ApiError::missing_parameter(param)),
        (None, Some(product)) => Ok(product.id.clone()),
        (Some(id), None) => Ok(account.products.referenced(&id, param)?.id.clone()),
    }
}

fn parse_currency(params: &mut Params) -> Result<String, ApiError> {
    let currency = params.required_string("currency")?.to_ascii_lowercase();
    if money::is_currency(&currency) {
        return Ok(currency);
    }
    let name = params.full_name("currency");
    Err(ApiError::invalid_value(&name, format!("Invalid currency: {currency}")))
}

fn parse_unit_amount(params: &mut Params) -> Result<i64, ApiError> {
    let name = params.full_name("unit_amount");
    let amount =
        params.integer("unit_amount")?.ok_or_else(|| ApiError::missing_parameter(&name))?;
    if amount < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(ApiError::invalid_parameter("parameter_invalid_integer", &name, message));
    }
    if amount > money::MAX_AMOUNT {
        let message = format!("Amount must be no more than {}", money::MAX_AMOUNT);
        return Err(ApiError::invalid_parameter("amount_too_large", &name, message));
    }
    Ok(amount)
}

fn parse_recurring(params: &mut Params) -> Result<Option<Recurring>, ApiError> {
    let Some(mut recurring) = params.object("recurring")? else { return Ok(None) };
    let name = recurring.full_name("interval");
    let interval = recurring
        .one_of("interval", &["day", "week", "month", "year"])?
        .ok_or_else(|| ApiError::missing_parameter(&name))?
        .to_owned();
    let interval_count = recurring.integer("interval_count")?.unwrap_or(1);
    recurring.deny_unknown()?;
    Ok(Some(Recurring { interval, interval_count }))
}
