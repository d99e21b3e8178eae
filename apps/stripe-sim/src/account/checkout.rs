//! State changes of a Checkout Session: payment, decline, expiry. Each records the events that Stripe sends for
//! a card payment through Checkout, in Stripe's order.

use serde_json::json;

use super::payment::{DECLINE_MESSAGE, IntentStatus};
use super::{
    Account, BalanceTransaction, Charge, CheckoutSession, Customer, Metadata, PaymentIntent,
    RequestContext, SessionStatus,
};
use crate::error::ApiError;
use crate::{ids, money};

/// The e-mail address that a buyer enters on the checkout page when the session has none.
const DEFAULT_BUYER_EMAIL: &str = "buyer@example.com";

/// Pays an open session with a card that succeeds. Paying a complete session again changes nothing.
///
/// Fails when the session does not exist or has expired.
pub(crate) fn pay(
    account: &mut Account,
    session_id: &str,
    context: &RequestContext,
) -> Result<(), ApiError> {
    let mut session = account.sessions.find(session_id, "session")?.clone();
    match session.status {
        SessionStatus::Complete => return Ok(()),
        SessionStatus::Expired => return Err(already_expired(session_id)),
        SessionStatus::Open => {}
    }
    let email = buyer_email(account, &session);
    if session.customer.is_none() && session.customer_creation.as_deref() == Some("always") {
        session.customer = Some(create_customer(account, &email, context));
    }
    let charge_id = (session.amount_total > 0).then(|| {
        let buyer = Buyer { customer: session.customer.clone(), email: email.clone() };
        let intent = find_or_create_intent(account, &mut session, &buyer, context);
        charge(account, intent, &buyer, context)
    });
    session.status = SessionStatus::Complete;
    session.buyer_email = Some(email);
    session.last_decline = None;
    store(account, session, "checkout.session.completed", context);
    if let Some(charge_id) = charge_id {
        credit_balance(account, &charge_id, context);
    }
    Ok(())
}

/// Lets the buyer's card be declined. The session stays open and can still be paid.
///
/// Fails when the session does not exist, is not open, or has nothing to pay.
pub(crate) fn decline(
    account: &mut Account,
    session_id: &str,
    context: &RequestContext,
) -> Result<(), ApiError> {
    let mut session = account.sessions.find(session_id, "session")?.clone();
    match session.status {
        SessionStatus::Complete => {
            let message = "This Checkout Session is already complete.";
            return Err(ApiError::invalid_state(None, Some("session"), message));
        }
        SessionStatus::Expired => return Err(already_expired(session_id)),
        SessionStatus::Open => {}
    }
    if session.amount_total == 0 {
        let message = "This Checkout Session takes no payment that could be declined.";
        return Err(ApiError::invalid_state(None, Some("session"), message));
    }
    let email = buyer_email(account, &session);
    let buyer = Buyer { customer: session.customer.clone(), email };
    let mut intent = find_or_create_intent(account, &mut session, &buyer, context);
    let failed = new_charge(&intent, &buyer, false, context);
    intent.latest_charge = Some(failed.id.clone());
    let snapshot = account.render(&failed);
    account.charges.insert(failed);
    account.record("charge.failed", snapshot, context);
    let snapshot = account.render(&intent);
    account.payment_intents.update(intent);
    account.record("payment_intent.payment_failed", snapshot, context);
    session.last_decline = Some(DECLINE_MESSAGE.to_owned());
    account.sessions.update(session);
    Ok(())
}

/// Expires an open session, which can then no longer be paid.
///
/// Fails when the session does not exist or is not open.
pub(crate) fn expire(
    account: &mut Account,
    session_id: &str,
    context: &RequestContext,
) -> Result<(), ApiError> {
    let session = account.sessions.find(session_id, "session")?.clone();
    if session.status != SessionStatus::Open {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has \
             a status of {}.",
            session.status.as_str()
        );
        return Err(ApiError::invalid_state(None, Some("session"), message));
    }
    store_expired(account, session, context);
    Ok(())
}

/// Expires every open session whose `expires_at` has passed. Returns whether there was one.
pub(crate) fn expire_due(account: &mut Account, now: i64) -> bool {
    let is_due = |session: &&CheckoutSession| {
        session.status == SessionStatus::Open && session.expires_at <= now
    };
    let due: Vec<CheckoutSession> = account.sessions.iter().filter(is_due).cloned().collect();
    let any_due = !due.is_empty();
    for session in due {
        store_expired(account, session, &RequestContext::internal(now));
    }
    any_due
}

fn already_expired(session_id: &str) -> ApiError {
    let message =
        format!("The Checkout Session {session_id} has expired and can no longer be paid.");
    ApiError::invalid_state(None, Some("session"), message)
}

fn store_expired(account: &mut Account, mut session: CheckoutSession, context: &RequestContext) {
    session.status = SessionStatus::Expired;
    store(account, session, "checkout.session.expired", context);
}

fn store(
    account: &mut Account,
    session: CheckoutSession,
    event_kind: &str,
    context: &RequestContext,
) {
    let snapshot = account.render(&session);
    account.sessions.update(session);
    account.record(event_kind, snapshot, context);
}

struct Buyer {
    /// Id of the customer; absent for guests.
    customer: Option<String>,
    email: String,
}

fn buyer_email(account: &Account, session: &CheckoutSession) -> String {
    let email_of_customer = || {
        let customer = account.customers.get(session.customer.as_deref()?)?;
        customer.email.clone()
    };
    session
        .customer_email
        .clone()
        .or_else(email_of_customer)
        .unwrap_or_else(|| DEFAULT_BUYER_EMAIL.to_owned())
}

fn create_customer(account: &mut Account, email: &str, context: &RequestContext) -> String {
    let id = ids::customer();
    account.customers.insert(Customer {
        id: id.clone(),
        created: context.now,
        email: Some(email.to_owned()),
        name: None,
        phone: None,
        description: None,
        metadata: Metadata::new(),
    });
    id
}

/// Returns the session's payment intent. Stripe creates it when the buyer first tries to pay.
fn find_or_create_intent(
    account: &mut Account,
    session: &mut CheckoutSession,
    buyer: &Buyer,
    context: &RequestContext,
) -> PaymentIntent {
    let existing = session.payment_intent.as_deref().and_then(|id| account.payment_intents.get(id));
    if let Some(intent) = existing {
        return intent.clone();
    }
    let data = &session.payment_intent_data;
    let intent = PaymentIntent {
        id: ids::payment_intent(),
        created: context.now,
        status: IntentStatus::RequiresPaymentMethod,
        amount: session.amount_total,
        currency: session.currency.clone(),
        customer: buyer.customer.clone(),
        description: data.description.clone(),
        receipt_email: data.receipt_email.clone(),
        statement_descriptor: data.statement_descriptor.clone(),
        metadata: data.metadata.clone(),
        secret: ids::random("", 25),
        latest_charge: None,
        payment_method: None,
    };
    session.payment_intent = Some(intent.id.clone());
    let snapshot = account.render(&intent);
    account.payment_intents.insert(intent.clone());
    account.record("payment_intent.created", snapshot, context);
    intent
}

/// Charges the card and returns the id of the charge.
fn charge(
    account: &mut Account,
    mut intent: PaymentIntent,
    buyer: &Buyer,
    context: &RequestContext,
) -> String {
    intent.customer.clone_from(&buyer.customer);
    let charge = new_charge(&intent, buyer, true, context);
    let charge_id = charge.id.clone();
    intent.status = IntentStatus::Succeeded;
    intent.latest_charge = Some(charge_id.clone());
    intent.payment_method = Some(charge.payment_method.clone());
    let snapshot = account.render(&charge);
    account.charges.insert(charge);
    account.record("charge.succeeded", snapshot, context);
    let snapshot = account.render(&intent);
    account.payment_intents.update(intent);
    account.record("payment_intent.succeeded", snapshot, context);
    charge_id
}

/// Creates the balance transaction of a charge. Stripe does so after the payment has completed, without a
/// request, and reports it with `charge.updated`.
fn credit_balance(account: &mut Account, charge_id: &str, context: &RequestContext) {
    let Some(charge) = account.charges.get_mut(charge_id) else { return };
    let transaction = BalanceTransaction {
        id: ids::balance_transaction(),
        created: context.now,
        amount: charge.amount,
        fee: money::fee(charge.amount),
        currency: charge.currency.clone(),
        description: charge.description.clone(),
        source: charge.id.clone(),
        kind: "charge".to_owned(),
    };
    charge.balance_transaction = Some(transaction.id.clone());
    let charge = charge.clone();
    account.balance_transactions.insert(transaction);
    let snapshot = account.render(&charge);
    let previous = json!({"balance_transaction": null});
    let internal = RequestContext::internal(context.now);
    account.record_change("charge.updated", snapshot, Some(previous), &internal);
}

fn new_charge(
    intent: &PaymentIntent,
    buyer: &Buyer,
    succeeded: bool,
    context: &RequestContext,
) -> Charge {
    Charge {
        id: ids::charge(),
        created: context.now,
        succeeded,
        amount: intent.amount,
        amount_refunded: 0,
        currency: intent.currency.clone(),
        customer: buyer.customer.clone(),
        description: intent.description.clone(),
        billing_email: Some(buyer.email.clone()),
        receipt_email: intent.receipt_email.clone(),
        statement_descriptor: intent.statement_descriptor.clone(),
        metadata: intent.metadata.clone(),
        payment_intent: intent.id.clone(),
        payment_method: ids::payment_method(),
        balance_transaction: None,
    }
}
