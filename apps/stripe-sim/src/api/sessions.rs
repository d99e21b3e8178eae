//! Checkout Sessions: create, expire, list, line items.

use serde_json::Value;

use super::ApiError;
use super::catalog::{product_for, read_price, read_product};
use super::form::{Params, missing};
use super::list::{list, page_of};
use crate::book::{
    self, Book, CheckoutSession, Customer, LineItem, Origin, PaymentIntentData, Price, Product,
    Resource as _, SessionStatus,
};
use crate::{ids, money};

const DAY_SECS: i64 = 24 * 3600;
const SHORTEST_LIFE_SECS: i64 = 30 * 60;
const MOST_LINE_ITEMS: usize = 100;
const MOST_UNITS: i64 = 999_999;
const LONGEST_REFERENCE: usize = 200;

pub(super) fn create(
    book: &mut Book,
    mut params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    read_fixed_choices(&mut params)?;
    let Goods { items, new_products, new_prices } = read_goods(book, &mut params, origin)?;
    let (currency, amount_total) = total(&items)?;
    let customer = read_customer(book, &mut params)?;
    let customer_email = params.text("customer_email")?;
    if customer.is_some() && customer_email.is_some() {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(ApiError::invalid("customer", message));
    }
    let creation = params.one_of("customer_creation", &["always", "if_required"])?;
    let customer_creation =
        customer.is_none().then(|| creation.unwrap_or("if_required").to_owned());
    let session = CheckoutSession {
        id: ids::checkout_session(),
        created: origin.now,
        expires_at: read_expiry(&mut params, origin)?,
        status: SessionStatus::Open,
        currency,
        amount_total,
        line_items: items,
        success_url: params.url("success_url")?.ok_or_else(|| missing("success_url"))?,
        cancel_url: params.url("cancel_url")?,
        client_reference_id: read_reference(&mut params)?,
        customer,
        customer_email,
        customer_creation,
        buyer_email: None,
        locale: params.text("locale")?,
        submit_type: params
            .one_of("submit_type", &["auto", "book", "donate", "pay"])?
            .map(ToOwned::to_owned),
        billing_address_collection: params
            .one_of("billing_address_collection", &["auto", "required"])?
            .map(ToOwned::to_owned),
        metadata: params.metadata("metadata")?,
        payment_intent: None,
        payment_intent_data: read_payment_intent_data(&mut params)?,
        last_decline: None,
    };
    params.finish()?;
    let rendered = book.render(&session);
    for product in new_products {
        book.products.put(product);
    }
    for price in new_prices {
        book.prices.put(price);
    }
    book.sessions.put(session);
    Ok(rendered)
}

pub(super) fn expire(
    book: &mut Book,
    id: &str,
    params: Params,
    origin: &Origin,
) -> Result<Value, ApiError> {
    params.finish()?;
    book::expire(book, id, origin)?;
    Ok(book.render_by_id(id).unwrap_or(Value::Null))
}

pub(super) fn list_all(book: &Book, mut params: Params) -> Result<Value, ApiError> {
    let intent = params.text("payment_intent")?;
    let customer = params.text("customer")?;
    let status = params.one_of("status", &["open", "complete", "expired"])?;
    list(book, &book.sessions, params, "/v1/checkout/sessions", |session| {
        (intent.is_none() || session.payment_intent == intent)
            && (customer.is_none() || session.customer == customer)
            && status.is_none_or(|wanted| wanted == session.status.as_str())
    })
}

pub(super) fn line_items(book: &Book, id: &str, params: Params) -> Result<Value, ApiError> {
    let session = book
        .sessions
        .get(id)
        .ok_or_else(|| ApiError::missing(CheckoutSession::NAME, id, "session", 404))?;
    let rows = session.line_items.iter().map(LineItem::to_stripe).collect();
    page_of(rows, params, &format!("/v1/checkout/sessions/{id}/line_items"))
}

/// Parameters of which only one value makes sense here; others are refused by name.
fn read_fixed_choices(params: &mut Params) -> Result<(), ApiError> {
    match params.one_of("mode", &["payment", "setup", "subscription"])? {
        Some("payment") => {}
        Some(mode) => {
            let message = format!("The simulator implements mode=payment only, not mode={mode}.");
            return Err(ApiError::invalid("mode", message));
        }
        None => return Err(missing("mode")),
    }
    params.one_of("ui_mode", &["hosted", "hosted_page"])?;
    if let Some(method) = params.texts("payment_method_types")?.iter().find(|kind| *kind != "card")
    {
        let message = format!("The payment method type provided: {method} is invalid.");
        return Err(ApiError::invalid("payment_method_types", message));
    }
    for feature in ["automatic_tax", "invoice_creation"] {
        let Some(mut group) = params.branch(feature)? else { continue };
        let name = group.name("enabled");
        if group.boolean("enabled")? == Some(true) {
            let message = format!("The simulator does not implement {feature}.");
            return Err(ApiError::invalid(&name, message));
        }
        group.finish()?;
    }
    if params.boolean("allow_promotion_codes")? == Some(true) {
        let message = "The simulator has no promotion codes.";
        return Err(ApiError::invalid("allow_promotion_codes", message));
    }
    Ok(())
}

struct Goods {
    items: Vec<LineItem>,
    new_products: Vec<Product>,
    new_prices: Vec<Price>,
}

fn read_goods(book: &Book, params: &mut Params, origin: &Origin) -> Result<Goods, ApiError> {
    let lines = params.branches("line_items")?;
    if lines.is_empty() {
        return Err(missing("line_items"));
    }
    if lines.len() > MOST_LINE_ITEMS {
        let message = format!("A session takes at most {MOST_LINE_ITEMS} line items.");
        return Err(ApiError::invalid("line_items", message));
    }
    let mut goods = Goods { items: Vec::new(), new_products: Vec::new(), new_prices: Vec::new() };
    for line in lines {
        read_line(book, line, &mut goods, origin)?;
    }
    Ok(goods)
}

fn read_line(
    book: &Book,
    mut line: Params,
    goods: &mut Goods,
    origin: &Origin,
) -> Result<(), ApiError> {
    let price_name = line.name("price");
    let named = line.text("price")?;
    let data = line.branch("price_data")?;
    let (price, product_name) = match (named, data) {
        (Some(id), None) => existing_price(book, &id, &price_name)?,
        (None, Some(data)) => inline_price(book, data, goods, origin)?,
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: price, price_data.";
            return Err(ApiError::invalid(&price_name, message));
        }
        (None, None) => return Err(missing(&price_name)),
    };
    if price.recurring.is_some() {
        let message = "You specified `payment` mode but passed a recurring price. Either switch to \
                       `subscription` mode or use only one-time prices.";
        return Err(ApiError::invalid(&price_name, message));
    }
    let quantity_name = line.name("quantity");
    let quantity = line.integer("quantity")?.ok_or_else(|| missing(&quantity_name))?;
    if !(1..=MOST_UNITS).contains(&quantity) {
        let message = format!("This value must be between 1 and {MOST_UNITS}.");
        return Err(ApiError::parameter("parameter_invalid_integer", &quantity_name, message));
    }
    let metadata = line.metadata("metadata")?;
    line.finish()?;
    goods.items.push(LineItem {
        id: ids::line_item(),
        description: product_name,
        quantity,
        amount_total: price.unit_amount.saturating_mul(quantity),
        metadata,
        price,
    });
    Ok(())
}

fn existing_price(book: &Book, id: &str, param: &str) -> Result<(Price, String), ApiError> {
    let price =
        book.prices.get(id).ok_or_else(|| ApiError::missing(Price::NAME, id, param, 400))?;
    if !price.active {
        let message = "The price specified is inactive. This field only accepts active prices.";
        return Err(ApiError::state(None, Some(param), message));
    }
    let name = book.products.get(&price.product).map_or_else(|| id.to_owned(), |p| p.name.clone());
    Ok((price.clone(), name))
}

/// Stripe keeps an inline price as an inactive price, with its inline product.
fn inline_price(
    book: &Book,
    mut data: Params,
    goods: &mut Goods,
    origin: &Origin,
) -> Result<(Price, String), ApiError> {
    let product_param = data.name("product");
    let named = data.text("product")?;
    let new_product = match data.branch("product_data")? {
        None => None,
        Some(mut group) => {
            let mut product = read_product(&mut group, origin)?;
            // Pictures are accepted and not shown: the checkout page loads nothing from elsewhere.
            group.texts("images")?;
            group.finish()?;
            product.active = false;
            Some(product)
        }
    };
    let product_id = product_for(book, named, new_product.as_ref(), &product_param)?;
    let mut price = read_price(&mut data, &product_id, origin)?;
    price.active = false;
    data.finish()?;
    let known = new_product.as_ref().or_else(|| book.products.get(&product_id));
    let name = known.map_or_else(|| product_id.clone(), |product| product.name.clone());
    goods.new_products.extend(new_product);
    goods.new_prices.push(price.clone());
    Ok((price, name))
}

fn total(items: &[LineItem]) -> Result<(String, i64), ApiError> {
    let currency = items.first().map(|item| item.price.currency.clone()).unwrap_or_default();
    if items.iter().any(|item| item.price.currency != currency) {
        let message = "All line items of a session must have the same currency.";
        return Err(ApiError::invalid("line_items", message));
    }
    let amount = items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.amount_total));
    if amount > money::MAX_AMOUNT {
        let message = format!(
            "The Checkout Session's total amount must be no more than {}",
            money::human(money::MAX_AMOUNT, &currency)
        );
        return Err(ApiError::parameter("amount_too_large", "line_items", message));
    }
    Ok((currency, amount))
}

fn read_customer(book: &Book, params: &mut Params) -> Result<Option<String>, ApiError> {
    let Some(id) = params.text("customer")? else { return Ok(None) };
    if book.customers.get(&id).is_none() {
        return Err(ApiError::missing(Customer::NAME, &id, "customer", 400));
    }
    Ok(Some(id))
}

fn read_reference(params: &mut Params) -> Result<Option<String>, ApiError> {
    let reference = params.text("client_reference_id")?;
    if reference.as_ref().is_some_and(|text| text.chars().count() > LONGEST_REFERENCE) {
        let message = format!("This value must be at most {LONGEST_REFERENCE} characters.");
        return Err(ApiError::invalid("client_reference_id", message));
    }
    Ok(reference)
}

fn read_expiry(params: &mut Params, origin: &Origin) -> Result<i64, ApiError> {
    let Some(at) = params.integer("expires_at")? else { return Ok(origin.now + DAY_SECS) };
    let life = at.saturating_sub(origin.now);
    // A client reads its clock before we read ours, so a minute of grace on the short side.
    if !(SHORTEST_LIFE_SECS - 60..=DAY_SECS + 60).contains(&life) {
        let message = "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from \
                       Checkout Session creation.";
        return Err(ApiError::invalid("expires_at", message));
    }
    Ok(at)
}

fn read_payment_intent_data(params: &mut Params) -> Result<PaymentIntentData, ApiError> {
    let Some(mut group) = params.branch("payment_intent_data")? else {
        return Ok(PaymentIntentData::default());
    };
    let data = PaymentIntentData {
        description: group.text("description")?,
        receipt_email: group.text("receipt_email")?,
        statement_descriptor: group.text("statement_descriptor")?,
        metadata: group.metadata("metadata")?,
    };
    group.one_of("capture_method", &["automatic", "automatic_async"])?;
    group.finish()?;
    Ok(data)
}
