//! What happens to a session: paid, declined, expired. Each causes the events Stripe would send for a
//! card payment by Checkout, in the order Stripe makes them.

use serde_json::{Value, json};

use super::payment::{DECLINED, IntentStatus};
use super::{
    BalanceTransaction, Book, Charge, CheckoutSession, Customer, Metadata, Origin, PaymentIntent,
    Resource, SessionStatus,
};
use crate::api::ApiError;
use crate::{ids, money};

/// The address given at checkout by buyers the session knows nothing about.
const ANONYMOUS_BUYER: &str = "buyer@example.com";

/// Completes an open session. Paying a complete one again changes nothing.
pub(crate) fn pay(book: &mut Book, session_id: &str, origin: &Origin) -> Result<(), ApiError> {
    let session = find(book, session_id)?;
    match session.status {
        SessionStatus::Complete => return Ok(()),
        SessionStatus::Expired => return Err(expired(session_id)),
        SessionStatus::Open => {}
    }
    let email = buyer_email(book, &session);
    let customer =
        session.customer.clone().or_else(|| new_customer(book, &session, &email, origin));
    let settlement = if session.amount_total > 0 {
        let buyer = Buyer { customer: customer.clone(), email: email.clone() };
        let intent = intent_of(book, &session, &buyer, origin);
        Some(charge(book, intent, &buyer, origin))
    } else {
        None
    };
    if let Some(session) = book.sessions.get_mut(session_id) {
        session.status = SessionStatus::Complete;
        session.customer = customer;
        session.buyer_email = Some(email);
        session.last_decline = None;
    }
    record_session(book, "checkout.session.completed", session_id, origin);
    if let Some(charge_id) = settlement {
        settle(book, &charge_id, origin);
    }
    Ok(())
}

/// The card is refused; the session stays open and can still be paid.
pub(crate) fn decline(book: &mut Book, session_id: &str, origin: &Origin) -> Result<(), ApiError> {
    let session = find(book, session_id)?;
    match session.status {
        SessionStatus::Complete => {
            let message = "This Checkout Session is already complete.";
            return Err(ApiError::state(None, Some("session"), message));
        }
        SessionStatus::Expired => return Err(expired(session_id)),
        SessionStatus::Open => {}
    }
    if session.amount_total == 0 {
        let message = "This Checkout Session takes no payment that could be declined.";
        return Err(ApiError::state(None, Some("session"), message));
    }
    let buyer = Buyer { customer: session.customer.clone(), email: buyer_email(book, &session) };
    let mut intent = intent_of(book, &session, &buyer, origin);
    let failed = new_charge(&intent, &buyer, false, origin);
    intent.latest_charge = Some(failed.id.clone());
    let snapshot = book.render(&failed);
    book.charges.put(failed);
    book.record("charge.failed", snapshot, origin);
    let snapshot = book.render(&intent);
    store_intent(book, intent);
    book.record("payment_intent.payment_failed", snapshot, origin);
    if let Some(session) = book.sessions.get_mut(session_id) {
        session.last_decline = Some(DECLINED.to_owned());
    }
    Ok(())
}

/// Ends an open session without payment.
pub(crate) fn expire(book: &mut Book, session_id: &str, origin: &Origin) -> Result<(), ApiError> {
    let session = find(book, session_id)?;
    if session.status != SessionStatus::Open {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has \
             a status of {}.",
            session.status.as_str()
        );
        return Err(ApiError::state(None, Some("session"), message));
    }
    if let Some(session) = book.sessions.get_mut(session_id) {
        session.status = SessionStatus::Expired;
    }
    record_session(book, "checkout.session.expired", session_id, origin);
    Ok(())
}

/// Ends every open session whose time has come. Returns whether there was one.
pub(crate) fn expire_due(book: &mut Book, origin: &Origin) -> bool {
    let due: Vec<String> = book
        .sessions
        .iter()
        .filter(|session| session.status == SessionStatus::Open && session.expires_at <= origin.now)
        .map(|session| session.id.clone())
        .collect();
    for id in &due {
        if let Some(session) = book.sessions.get_mut(id) {
            session.status = SessionStatus::Expired;
        }
        record_session(book, "checkout.session.expired", id, origin);
    }
    !due.is_empty()
}

struct Buyer {
    customer: Option<String>,
    email: String,
}

fn find(book: &Book, session_id: &str) -> Result<CheckoutSession, ApiError> {
    book.sessions
        .get(session_id)
        .cloned()
        .ok_or_else(|| ApiError::missing(CheckoutSession::NAME, session_id, "session", 404))
}

fn expired(session_id: &str) -> ApiError {
    let message =
        format!("The Checkout Session {session_id} has expired and can no longer be paid.");
    ApiError::state(None, Some("session"), message)
}

fn buyer_email(book: &Book, session: &CheckoutSession) -> String {
    let known = || {
        let customer = book.customers.get(session.customer.as_deref()?)?;
        customer.email.clone()
    };
    session.customer_email.clone().or_else(known).unwrap_or_else(|| ANONYMOUS_BUYER.to_owned())
}

/// Only `customer_creation=always` makes a customer of a guest.
fn new_customer(
    book: &mut Book,
    session: &CheckoutSession,
    email: &str,
    origin: &Origin,
) -> Option<String> {
    if session.customer_creation.as_deref() != Some("always") {
        return None;
    }
    let id = ids::customer();
    book.customers.put(Customer {
        id: id.clone(),
        created: origin.now,
        email: Some(email.to_owned()),
        name: None,
        phone: None,
        description: None,
        metadata: Metadata::new(),
    });
    Some(id)
}

/// The session's payment intent, made when the buyer first tries to pay.
fn intent_of(
    book: &mut Book,
    session: &CheckoutSession,
    buyer: &Buyer,
    origin: &Origin,
) -> PaymentIntent {
    let existing = session.payment_intent.as_deref().and_then(|id| book.payment_intents.get(id));
    if let Some(intent) = existing {
        return intent.clone();
    }
    let data = &session.payment_intent_data;
    let intent = PaymentIntent {
        id: ids::payment_intent(),
        created: origin.now,
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
    let snapshot = book.render(&intent);
    book.payment_intents.put(intent.clone());
    if let Some(session) = book.sessions.get_mut(&session.id) {
        session.payment_intent = Some(intent.id.clone());
    }
    book.record("payment_intent.created", snapshot, origin);
    intent
}

fn charge(book: &mut Book, mut intent: PaymentIntent, buyer: &Buyer, origin: &Origin) -> String {
    intent.customer.clone_from(&buyer.customer);
    let charge = new_charge(&intent, buyer, true, origin);
    let charge_id = charge.id.clone();
    intent.status = IntentStatus::Succeeded;
    intent.latest_charge = Some(charge_id.clone());
    intent.payment_method = Some(charge.payment_method.clone());
    let snapshot = book.render(&charge);
    book.charges.put(charge);
    book.record("charge.succeeded", snapshot, origin);
    let snapshot = book.render(&intent);
    store_intent(book, intent);
    book.record("payment_intent.succeeded", snapshot, origin);
    charge_id
}

/// The money arrives in the balance a moment after the charge, and Stripe says so by `charge.updated`.
fn settle(book: &mut Book, charge_id: &str, origin: &Origin) {
    let Some(charge) = book.charges.get_mut(charge_id) else { return };
    let transaction = BalanceTransaction {
        id: ids::balance_transaction(),
        created: origin.now,
        amount: charge.amount,
        fee: money::fee(charge.amount),
        currency: charge.currency.clone(),
        description: charge.description.clone(),
        source: charge.id.clone(),
        kind: "charge".to_owned(),
    };
    charge.balance_transaction = Some(transaction.id.clone());
    let charge = charge.clone();
    book.balance_transactions.put(transaction);
    let snapshot = book.render(&charge);
    let previous = json!({"balance_transaction": null});
    book.record_change("charge.updated", snapshot, Some(previous), &origin.by_itself());
}

fn new_charge(intent: &PaymentIntent, buyer: &Buyer, succeeded: bool, origin: &Origin) -> Charge {
    Charge {
        id: ids::charge(),
        created: origin.now,
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

fn store_intent(book: &mut Book, intent: PaymentIntent) {
    if let Some(stored) = book.payment_intents.get_mut(&intent.id) {
        *stored = intent;
    }
}

fn record_session(book: &mut Book, kind: &str, session_id: &str, origin: &Origin) {
    let snapshot = book.sessions.get(session_id).map(|session| book.render(session));
    book.record(kind, snapshot.unwrap_or(Value::Null), origin);
}
