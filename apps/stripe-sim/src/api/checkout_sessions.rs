//! Checkout Sessions: create, expire, list, and list the line items.

use serde_json::Value;

use super::list;
use super::params::Params;
use super::prices::{parse_price, product_id};
use super::products::parse_product;
use crate::account::{
    self, Account, CheckoutSession, LineItem, PaymentIntentData, Price, Product, RequestContext,
    SessionStatus,
};
use crate::error::ApiError;
use crate::{ids, money};

const LIFETIME_MIN_SECS: i64 = 30 * 60;
const LIFETIME_MAX_SECS: i64 = 24 * 3600;
/// Tolerance of the limits of `expires_at`: the client read its clock before the simulator reads its own.
const LIFETIME_TOLERANCE_SECS: i64 = 60;
const MAX_LINE_ITEMS: usize = 100;
const MAX_QUANTITY: i64 = 999_999;
const CLIENT_REFERENCE_ID_MAX_LEN: usize = 200;

pub(super) fn create(
    account: &mut Account,
    mut params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    reject_unimplemented_features(&mut params)?;
    let NewLineItems { items, products, prices } = parse_line_items(account, &mut params, context)?;
    let (currency, amount_total) = total(&items)?;
    let customer = parse_customer(account, &mut params)?;
    let customer_email = params.string("customer_email")?;
    if customer.is_some() && customer_email.is_some() {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(ApiError::invalid_value("customer", message));
    }
    let creation = params.one_of("customer_creation", &["always", "if_required"])?;
    let customer_creation =
        customer.is_none().then(|| creation.unwrap_or("if_required").to_owned());
    let session = CheckoutSession {
        id: ids::checkout_session(),
        created: context.now,
        expires_at: parse_expires_at(&mut params, context)?,
        status: SessionStatus::Open,
        currency,
        amount_total,
        line_items: items,
        success_url: params
            .url("success_url")?
            .ok_or_else(|| ApiError::missing_parameter("success_url"))?,
        cancel_url: params.url("cancel_url")?,
        client_reference_id: parse_client_reference_id(&mut params)?,
        customer,
        customer_email,
        customer_creation,
        buyer_email: None,
        locale: params.string("locale")?,
        submit_type: params
            .one_of("submit_type", &["auto", "book", "donate", "pay"])?
            .map(ToOwned::to_owned),
        billing_address_collection: params
            .one_of("billing_address_collection", &["auto", "required"])?
            .map(ToOwned::to_owned),
        metadata: params.metadata("metadata")?,
        payment_intent: None,
        payment_intent_data: parse_payment_intent_data(&mut params)?,
        last_decline: None,
    };
    params.deny_unknown()?;
    let rendered = account.render(&session);
    for product in products {
        account.products.insert(product);
    }
    for price in prices {
        account.prices.insert(price);
    }
    account.sessions.insert(session);
    Ok(rendered)
}

pub(super) fn expire(
    account: &mut Account,
    id: &str,
    params: Params,
    context: &RequestContext,
) -> Result<Value, ApiError> {
    params.deny_unknown()?;
    account::expire(account, id, context)?;
    Ok(account.render_by_id(id).unwrap_or(Value::Null))
}

pub(super) fn list(account: &Account, mut params: Params) -> Result<Value, ApiError> {
    let intent = params.string("payment_intent")?;
    let customer = params.string("customer")?;
    let status = params.one_of("status", &["open", "complete", "expired"])?;
    list::list(account, &account.sessions, params, "/v1/checkout/sessions", |session| {
        (intent.is_none() || session.payment_intent == intent)
            && (customer.is_none() || session.customer == customer)
            && status.is_none_or(|wanted| wanted == session.status.as_str())
    })
}

pub(super) fn list_line_items(
    account: &Account,
    id: &str,
    params: Params,
) -> Result<Value, ApiError> {
    let session = account.sessions.find(id, "session")?;
    let items = session.line_items.iter().map(LineItem::to_stripe).collect();
    list::list_rendered(items, params, &format!("/v1/checkout/sessions/{id}/line_items"))
}

/// Takes the parameters that choose between features of Checkout. Fails, naming the parameter, when one chooses
/// a feature that the simulator does not implement.
fn reject_unimplemented_features(params: &mut Params) -> Result<(), ApiError> {
    match params.one_of("mode", &["payment", "setup", "subscription"])? {
        Some("payment") => {}
        Some(mode) => {
            let message = format!("The simulator implements mode=payment only, not mode={mode}.");
            return Err(ApiError::invalid_value("mode", message));
        }
        None => return Err(ApiError::missing_parameter("mode")),
    }
    params.one_of("ui_mode", &["hosted", "hosted_page"])?;
    let method_types = params.strings("payment_method_types")?;
    if let Some(method_type) = method_types.iter().find(|method_type| *method_type != "card") {
        let message = format!("The payment method type provided: {method_type} is invalid.");
        return Err(ApiError::invalid_value("payment_method_types", message));
    }
    for feature in ["automatic_tax", "invoice_creation"] {
        let Some(mut settings) = params.object(feature)? else { continue };
        let name = settings.full_name("enabled");
        if settings.boolean("enabled")? == Some(true) {
            let message = format!("The simulator does not implement {feature}.");
            return Err(ApiError::invalid_value(&name, message));
        }
        settings.deny_unknown()?;
    }
    if params.boolean("allow_promotion_codes")? == Some(true) {
        let message = "The simulator has no promotion codes.";
        return Err(ApiError::invalid_value("allow_promotion_codes", message));
    }
    Ok(())
}

/// The line items of a new session, with the products and prices that are created for them.
#[derive(Default)]
struct NewLineItems {
    items: Vec<LineItem>,
    products: Vec<Product>,
    prices: Vec<Price>,
}

fn parse_line_items(
    account: &Account,
    params: &mut Params,
    context: &RequestContext,
) -> Result<NewLineItems, ApiError> {
    let lines = params.objects("line_items")?;
    if lines.is_empty() {
        return Err(ApiError::missing_parameter("line_items"));
    }
    if lines.len() > MAX_LINE_ITEMS {
        let message = format!("A session takes at most {MAX_LINE_ITEMS} line items.");
        return Err(ApiError::invalid_value("line_items", message));
    }
    let mut new = NewLineItems::default();
    for line in lines {
        parse_line_item(account, line, &mut new, context)?;
    }
    Ok(new)
}

fn parse_line_item(
    account: &Account,
    mut line: Params,
    new: &mut NewLineItems,
    context: &RequestContext,
) -> Result<(), ApiError> {
    let price_name = line.full_name("price");
    let price_id = line.string("price")?;
    let price_data = line.object("price_data")?;
    let (price, product_name) = match (price_id, price_data) {
        (Some(id), None) => existing_price(account, &id, &price_name)?,
        (None, Some(data)) => parse_inline_price(account, data, new, context)?,
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: price, price_data.";
            return Err(ApiError::invalid_value(&price_name, message));
        }
        (None, None) => return Err(ApiError::missing_parameter(&price_name)),
    };
    if price.recurring.is_some() {
        let message = "You specified `payment` mode but passed a recurring price. Either switch to \
                       `subscription` mode or use only one-time prices.";
        return Err(ApiError::invalid_value(&price_name, message));
    }
    let quantity_name = line.full_name("quantity");
    let quantity =
        line.integer("quantity")?.ok_or_else(|| ApiError::missing_parameter(&quantity_name))?;
    if !(1..=MAX_QUANTITY).contains(&quantity) {
        let message = format!("This value must be between 1 and {MAX_QUANTITY}.");
        let code = "parameter_invalid_integer";
        return Err(ApiError::invalid_parameter(code, &quantity_name, message));
    }
    let metadata = line.metadata("metadata")?;
    line.deny_unknown()?;
    new.items.push(LineItem {
        id: ids::line_item(),
        description: product_name,
        quantity,
        amount_total: price.unit_amount.saturating_mul(quantity),
        metadata,
        price,
    });
    Ok(())
}

/// Returns an active price and the name of its product.
fn existing_price(account: &Account, id: &str, param: &str) -> Result<(Price, String), ApiError> {
    let price = account.prices.referenced(id, param)?;
    if !price.active {
        let message = "The price specified is inactive. This field only accepts active prices.";
        return Err(ApiError::invalid_state(None, Some(param), message));
    }
    let product = account.products.get(&price.product);
    let name = product.map_or_else(|| id.to_owned(), |product| product.name.clone());
    Ok((price.clone(), name))
}

/// Parses `price_data` and returns the price and the name of its product. Like Stripe, it creates an inactive
/// price, and an inactive product for `product_data`.
fn parse_inline_price(
    account: &Account,
    mut data: Params,
    new: &mut NewLineItems,
    context: &RequestContext,
) -> Result<(Price, String), ApiError> {
    let product_param = data.full_name("product");
    let existing_product = data.string("product")?;
    let new_product = match data.object("product_data")? {
        None => None,
        Some(mut product_data) => {
            let mut product = parse_product(&mut product_data, context)?;
            // Images are accepted and not shown: the checkout page loads nothing from other sites.
            product_data.strings("images")?;
            product_data.deny_unknown()?;
            product.active = false;
            Some(product)
        }
    };
    let product_id = product_id(account, existing_product, new_product.as_ref(), &product_param)?;
    let mut price = parse_price(&mut data, &product_id, context)?;
    price.active = false;
    data.deny_unknown()?;
    let product = new_product.as_ref().or_else(|| account.products.get(&product_id));
    let name = product.map_or_else(|| product_id.clone(), |product| product.name.clone());
    new.products.extend(new_product);
    new.prices.push(price.clone());
    Ok((price, name))
}

/// Returns the currency of the line items and the sum of their amounts, in minor units.
fn total(items: &[LineItem]) -> Result<(String, i64), ApiError> {
    let currency = items.first().map(|item| item.price.currency.clone()).unwrap_or_default();
    if items.iter().any(|item| item.price.currency != currency) {
        let message = "All line items of a session must have the same currency.";
        return Err(ApiError::invalid_value("line_items", message));
    }
    let amount = items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.amount_total));
    if amount > money::MAX_AMOUNT {
        let message = format!(
            "The Checkout Session's total amount must be no more than {}",
            money::format_amount(money::MAX_AMOUNT, &currency)
        );
        return Err(ApiError::invalid_parameter("amount_too_large", "line_items", message));
    }
    Ok((currency, amount))
}

fn parse_customer(account: &Account, params: &mut Params) -> Result<Option<String>, ApiError> {
    let Some(id) = params.string("customer")? else { return Ok(None) };
    account.customers.referenced(&id, "customer")?;
    Ok(Some(id))
}

fn parse_client_reference_id(params: &mut Params) -> Result<Option<String>, ApiError> {
    let reference = params.string("client_reference_id")?;
    let is_too_long = |text: &String| text.chars().count() > CLIENT_REFERENCE_ID_MAX_LEN;
    if reference.as_ref().is_some_and(is_too_long) {
        let message =
            format!("This value must be at most {CLIENT_REFERENCE_ID_MAX_LEN} characters.");
        return Err(ApiError::invalid_value("client_reference_id", message));
    }
    Ok(reference)
}

fn parse_expires_at(params: &mut Params, context: &RequestContext) -> Result<i64, ApiError> {
    let Some(expires_at) = params.integer("expires_at")? else {
        return Ok(context.now + LIFETIME_MAX_SECS);
    };
    let lifetime = expires_at.saturating_sub(context.now);
    let allowed =
        LIFETIME_MIN_SECS - LIFETIME_TOLERANCE_SECS..=LIFETIME_MAX_SECS + LIFETIME_TOLERANCE_SECS;
    if !allowed.contains(&lifetime) {
        let message = "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from \
                       Checkout Session creation.";
        return Err(ApiError::invalid_value("expires_at", message));
    }
    Ok(expires_at)
}

fn parse_payment_intent_data(params: &mut Params) -> Result<PaymentIntentData, ApiError> {
    let Some(mut data) = params.object("payment_intent_data")? else {
        return Ok(PaymentIntentData::default());
    };
    let parsed = PaymentIntentData {
        description: data.string("description")?,
        receipt_email: data.string("receipt_email")?,
        statement_descriptor: data.string("statement_descriptor")?,
        metadata: data.metadata("metadata")?,
    };
    data.one_of("capture_method", &["automatic", "automatic_async"])?;
    data.deny_unknown()?;
    Ok(parsed)
}
