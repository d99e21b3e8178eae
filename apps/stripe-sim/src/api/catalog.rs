//! Products and prices: create, change, list.

use serde_json::Value;

use super::ApiError;
use super::customers::merge;
use super::form::{Params, missing};
use super::list::list;
use crate::book::{Book, Origin, Price, Product, Recurring, Resource as _};
use crate::{ids, money};

pub(super) fn create_product(
    book: &mut Book,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    let mut product = read_product(&mut params, origin)?;
    if let Some(id) = params.text("id")? {
        if book.products.get(&id).is_some() {
            let message = format!("Product already exists: {id}");
            return Err(ApiError::state(Some("resource_already_exists"), Some("id"), message));
        }
        product.id = id;
    }
    product.active = params.boolean("active")?.unwrap_or(true);
    let price = match params.branch("default_price_data")? {
        None => None,
        Some(mut data) => {
            let price = read_price(&mut data, &product.id, origin)?;
            data.finish()?;
            Some(price)
        }
    };
    params.finish()?;
    product.default_price = price.as_ref().map(|price| price.id.clone());
    let rendered = book.render(&product);
    book.products.put(product);
    if let Some(price) = price {
        book.prices.put(price);
    }
    Ok(rendered)
}

pub(super) fn update_product(
    book: &mut Book,
    id: &str,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    let mut product = book
        .products
        .get(id)
        .cloned()
        .ok_or_else(|| ApiError::missing(Product::NAME, id, "id", 404))?;
    if let Some(name) = params.text("name")? {
        product.name = name;
    }
    params.change("description", &mut product.description)?;
    if let Some(active) = params.boolean("active")? {
        product.active = active;
    }
    if let Some(default_price) = params.text("default_price")? {
        if book.prices.get(&default_price).is_none_or(|price| price.product != id) {
            return Err(ApiError::missing(Price::NAME, &default_price, "default_price", 400));
        }
        product.default_price = Some(default_price);
    }
    merge(&mut product.metadata, params.metadata("metadata")?);
    params.finish()?;
    product.updated = origin.now;
    let rendered = book.render(&product);
    if let Some(stored) = book.products.get_mut(id) {
        *stored = product;
    }
    Ok(rendered)
}

pub(super) fn list_products(book: &Book, mut params: Params) -> Result<Value, ApiError> {
    let active = params.boolean("active")?;
    let ids = params.texts("ids")?;
    list(book, &book.products, params, "/v1/products", |product| {
        active.is_none_or(|wanted| wanted == product.active)
            && (ids.is_empty() || ids.contains(&product.id))
    })
}

pub(super) fn create_price(
    book: &mut Book,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    let named = params.text("product")?;
    let new_product = match params.branch("product_data")? {
        None => None,
        Some(mut data) => {
            let product = read_product(&mut data, origin)?;
            data.finish()?;
            Some(product)
        }
    };
    let product_id = product_for(book, named, new_product.as_ref(), "product")?;
    let mut price = read_price(&mut params, &product_id, origin)?;
    price.active = params.boolean("active")?.unwrap_or(true);
    price.nickname = params.text("nickname")?;
    price.lookup_key = params.text("lookup_key")?;
    price.metadata = params.metadata("metadata")?;
    params.finish()?;
    let taken = |other: &Price| other.lookup_key.is_some() && other.lookup_key == price.lookup_key;
    if book.prices.iter().any(taken) {
        let message = "A price (active or not) already uses that lookup key.";
        return Err(ApiError::state(Some("resource_already_exists"), Some("lookup_key"), message));
    }
    let rendered = book.render(&price);
    if let Some(product) = new_product {
        book.products.put(product);
    }
    book.prices.put(price);
    Ok(rendered)
}

pub(super) fn update_price(
    book: &mut Book,
    id: &str,
    mut params: Params,
) -> Result<Value, ApiError> {
    let mut price = book
        .prices
        .get(id)
        .cloned()
        .ok_or_else(|| ApiError::missing(Price::NAME, id, "price", 404))?;
    if let Some(active) = params.boolean("active")? {
        price.active = active;
    }
    params.change("nickname", &mut price.nickname)?;
    merge(&mut price.metadata, params.metadata("metadata")?);
    params.finish()?;
    let rendered = book.render(&price);
    if let Some(stored) = book.prices.get_mut(id) {
        *stored = price;
    }
    Ok(rendered)
}

pub(super) fn list_prices(book: &Book, mut params: Params) -> Result<Value, ApiError> {
    let active = params.boolean("active")?;
    let product = params.text("product")?;
    let lookup_keys = params.texts("lookup_keys")?;
    list(book, &book.prices, params, "/v1/prices", |price| {
        active.is_none_or(|wanted| wanted == price.active)
            && product.as_ref().is_none_or(|wanted| *wanted == price.product)
            && (lookup_keys.is_empty()
                || price.lookup_key.as_ref().is_some_and(|key| lookup_keys.contains(key)))
    })
}

/// The fields `POST /v1/products` and `product_data` share.
pub(super) fn read_product(params: &mut Params, origin: &Origin) -> Result<Product, ApiError> {
    Ok(Product {
        id: ids::product(),
        created: origin.now,
        updated: origin.now,
        active: true,
        name: params.required("name")?,
        description: params.text("description")?,
        default_price: None,
        metadata: params.metadata("metadata")?,
    })
}

/// The fields `POST /v1/prices`, `default_price_data` and `price_data` share.
pub(super) fn read_price(
    params: &mut Params,
    product: &str,
    origin: &Origin,
) -> Result<Price, ApiError> {
    Ok(Price {
        id: ids::price(),
        created: origin.now,
        active: true,
        currency: read_currency(params)?,
        lookup_key: None,
        nickname: None,
        product: product.to_owned(),
        recurring: read_recurring(params)?,
        tax_behavior: params
            .one_of("tax_behavior", &["inclusive", "exclusive", "unspecified"])?
            .unwrap_or("unspecified")
            .to_owned(),
        unit_amount: read_unit_amount(params)?,
        metadata: crate::book::Metadata::new(),
    })
}

/// The product a price belongs to: named and existing, or made with it; exactly one of the two.
pub(super) fn product_for(
    book: &Book,
    named: Option<String>,
    new: Option<&Product>,
    param: &str,
) -> Result<String, ApiError> {
    match (named, new) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            param,
            "You may only specify one of these parameters: product, product_data.",
        )),
        (None, None) => Err(missing(param)),
        (None, Some(product)) => Ok(product.id.clone()),
        (Some(id), None) if book.products.get(&id).is_some() => Ok(id),
        (Some(id), None) => Err(ApiError::missing(Product::NAME, &id, param, 400)),
    }
}

fn read_currency(params: &mut Params) -> Result<String, ApiError> {
    let currency = params.required("currency")?.to_ascii_lowercase();
    if money::is_currency(&currency) {
        return Ok(currency);
    }
    Err(ApiError::invalid(&params.name("currency"), format!("Invalid currency: {currency}")))
}

fn read_unit_amount(params: &mut Params) -> Result<i64, ApiError> {
    let name = params.name("unit_amount");
    let amount = params.integer("unit_amount")?.ok_or_else(|| missing(&name))?;
    if amount < 0 {
        let message = "This value must be greater than or equal to 0.";
        return Err(ApiError::parameter("parameter_invalid_integer", &name, message));
    }
    if amount > money::MAX_AMOUNT {
        let message = format!("Amount must be no more than {}", money::MAX_AMOUNT);
        return Err(ApiError::parameter("amount_too_large", &name, message));
    }
    Ok(amount)
}

fn read_recurring(params: &mut Params) -> Result<Option<Recurring>, ApiError> {
    let Some(mut recurring) = params.branch("recurring")? else { return Ok(None) };
    let name = recurring.name("interval");
    let interval = recurring
        .one_of("interval", &["day", "week", "month", "year"])?
        .ok_or_else(|| missing(&name))?
        .to_owned();
    let interval_count = recurring.integer("interval_count")?.unwrap_or(1);
    recurring.finish()?;
    Ok(Some(Recurring { interval, interval_count }))
}
