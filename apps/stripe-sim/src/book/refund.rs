//! Refunds: money going back, in full or in part, never more than came in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{BalanceTransaction, Book, Charge, Metadata, Origin, PaymentIntent, Resource};
use crate::api::ApiError;
use crate::{ids, money};

/// Why, in the words Stripe allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundReason {
    Duplicate,
    Fraudulent,
    RequestedByCustomer,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: String,
    pub(crate) customer: Option<String>,
    pub(crate) reason: Option<RefundReason>,
    pub(crate) balance_transaction: String,
    pub(crate) metadata: Metadata,
    /// The card network's trace number, known a moment after the refund.
    pub(crate) reference: Option<String>,
}

impl Resource for Refund {
    const NAME: &'static str = "refund";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn to_stripe(&self, _base: &str) -> Value {
        let card = match &self.reference {
            Some(reference) => json!({
                "reference": reference,
                "reference_status": "available",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            }),
            None => json!({
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            }),
        };
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "destination_details": {"card": card, "type": "card"},
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }
}

/// A refund as it is asked for. One of `payment_intent` and `charge` must be given.
#[derive(Debug, Default)]
pub(crate) struct NewRefund {
    pub(crate) payment_intent: Option<String>,
    pub(crate) charge: Option<String>,
    /// Minor units; everything that is left when absent.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<RefundReason>,
    pub(crate) metadata: Metadata,
}

/// Gives money back and returns the refund's id.
pub(crate) fn refund(book: &mut Book, new: NewRefund, origin: &Origin) -> Result<String, ApiError> {
    let charge = charge_to_refund(book, &new)?;
    let amount = amount_to_refund(&charge, new.amount)?;
    let transaction = BalanceTransaction {
        id: ids::balance_transaction(),
        created: origin.now,
        amount: -amount,
        fee: 0,
        currency: charge.currency.clone(),
        description: Some("REFUND FOR PAYMENT".to_owned()),
        source: ids::refund(),
        kind: "refund".to_owned(),
    };
    let refund = Refund {
        id: transaction.source.clone(),
        created: origin.now,
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        payment_method: charge.payment_method.clone(),
        customer: charge.customer.clone(),
        reason: new.reason,
        balance_transaction: transaction.id.clone(),
        metadata: new.metadata,
        reference: None,
    };
    let id = refund.id.clone();
    let created = book.render(&refund);
    book.balance_transactions.put(transaction);
    book.refunds.put(refund);
    book.record("refund.created", created, origin);
    record_charge(book, &charge.id, amount, origin);
    record_reference(book, &id, origin);
    Ok(id)
}

fn charge_to_refund(book: &Book, new: &NewRefund) -> Result<Charge, ApiError> {
    let by_intent = match &new.payment_intent {
        Some(id) => Some(succeeded_charge(book, id)?),
        None => None,
    };
    let Some(charge_id) = &new.charge else {
        return by_intent.ok_or_else(|| {
            let message = "One of the following params should be provided for this request: payment_intent \
                           or charge.";
            ApiError::parameter("parameter_missing", "payment_intent", message)
        });
    };
    let charge = book.charges.get(charge_id).cloned();
    let charge = charge.ok_or_else(|| ApiError::missing(Charge::NAME, charge_id, "charge", 404))?;
    if by_intent.is_some_and(|other| other.id != charge.id) {
        let message = "The charge and the payment_intent of this refund do not belong together.";
        return Err(ApiError::state(None, Some("charge"), message));
    }
    if !charge.succeeded {
        let message = format!("Charge {} did not succeed and cannot be refunded.", charge.id);
        return Err(ApiError::state(None, Some("charge"), message));
    }
    Ok(charge)
}

fn succeeded_charge(book: &Book, intent_id: &str) -> Result<Charge, ApiError> {
    let intent = book
        .payment_intents
        .get(intent_id)
        .ok_or_else(|| ApiError::missing(PaymentIntent::NAME, intent_id, "payment_intent", 404))?;
    let charge = intent.latest_charge.as_deref().and_then(|id| book.charges.get(id));
    charge.filter(|charge| charge.succeeded).cloned().ok_or_else(|| {
        let message = format!(
            "This PaymentIntent ({intent_id}) does not have a successful charge to refund."
        );
        ApiError::state(None, Some("payment_intent"), message)
    })
}

fn amount_to_refund(charge: &Charge, asked: Option<i64>) -> Result<i64, ApiError> {
    let left = charge.amount - charge.amount_refunded;
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::state(Some("charge_already_refunded"), None, message));
    }
    let amount = asked.unwrap_or(left);
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::parameter("parameter_invalid_integer", "amount", message));
    }
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money::human(amount, &charge.currency),
            money::human(left, &charge.currency)
        );
        return Err(ApiError::state(None, Some("amount"), message));
    }
    Ok(amount)
}

fn record_charge(book: &mut Book, charge_id: &str, amount: i64, origin: &Origin) {
    let Some(charge) = book.charges.get_mut(charge_id) else { return };
    let mut previous = json!({"amount_refunded": charge.amount_refunded});
    charge.amount_refunded += amount;
    if charge.amount_refunded == charge.amount
        && let Some(fields) = previous.as_object_mut()
    {
        fields.insert("refunded".to_owned(), false.into());
    }
    let charge = charge.clone();
    let snapshot = book.render(&charge);
    book.record_change("charge.refunded", snapshot, Some(previous), origin);
}

fn record_reference(book: &mut Book, refund_id: &str, origin: &Origin) {
    let Some(refund) = book.refunds.get_mut(refund_id) else { return };
    refund.reference = Some(ids::random("", 23).to_ascii_uppercase());
    let refund = refund.clone();
    let snapshot = book.render(&refund);
    let previous = json!({
        "destination_details": {"card": {"reference": null, "reference_status": "pending"}},
    });
    book.record_change("refund.updated", snapshot, Some(previous), &origin.by_itself());
}
