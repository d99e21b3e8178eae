//! Refunds of a charge, in full or in part. The refunds of a charge never add up to more than the charge.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Account, BalanceTransaction, Charge, Metadata, RequestContext, Resource};
use crate::error::ApiError;
use crate::{ids, money};

/// The reason for a refund, as Stripe's `reason`.
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
    /// Minor units of the currency.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: String,
    pub(crate) customer: Option<String>,
    pub(crate) reason: Option<RefundReason>,
    pub(crate) balance_transaction: String,
    pub(crate) metadata: Metadata,
    /// Reference number of the card network. The network assigns it after the refund has been created.
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

    fn to_stripe(&self, _public_base: &str) -> Value {
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

/// Parameters of a new refund. At least one of `payment_intent` and `charge` is required.
#[derive(Debug, Default)]
pub(crate) struct NewRefund {
    pub(crate) payment_intent: Option<String>,
    pub(crate) charge: Option<String>,
    /// Minor units of the currency; the whole remaining amount when absent.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<RefundReason>,
    pub(crate) metadata: Metadata,
}

/// Refunds a charge and returns the id of the refund.
///
/// Fails when no succeeded charge is named, the charge is refunded already, or `amount` exceeds what remains.
pub(crate) fn refund(
    account: &mut Account,
    new: NewRefund,
    context: &RequestContext,
) -> Result<String, ApiError> {
    let charge = charge_to_refund(account, &new)?;
    let amount = amount_to_refund(&charge, new.amount)?;
    let id = ids::refund();
    let transaction = BalanceTransaction {
        id: ids::balance_transaction(),
        created: context.now,
        amount: -amount,
        fee: 0,
        currency: charge.currency.clone(),
        description: Some("REFUND FOR PAYMENT".to_owned()),
        source: id.clone(),
        kind: "refund".to_owned(),
    };
    let refund = Refund {
        id: id.clone(),
        created: context.now,
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
    let snapshot = account.render(&refund);
    account.balance_transactions.insert(transaction);
    account.refunds.insert(refund.clone());
    account.record("refund.created", snapshot, context);
    reduce_charge(account, charge, amount, context);
    assign_reference(account, refund, context);
    Ok(id)
}

fn charge_to_refund(account: &Account, new: &NewRefund) -> Result<Charge, ApiError> {
    let by_intent = match &new.payment_intent {
        Some(id) => Some(succeeded_charge(account, id)?),
        None => None,
    };
    let Some(charge_id) = &new.charge else {
        return by_intent.ok_or_else(|| {
            let message = "One of the following params should be provided for this request: payment_intent \
                           or charge.";
            ApiError::invalid_parameter("parameter_missing", "payment_intent", message)
        });
    };
    let charge = account.charges.find(charge_id, "charge")?.clone();
    if by_intent.is_some_and(|other| other.id != charge.id) {
        let message = "The charge and the payment_intent of this refund do not belong together.";
        return Err(ApiError::invalid_state(None, Some("charge"), message));
    }
    if !charge.succeeded {
        let message = format!("Charge {} did not succeed and cannot be refunded.", charge.id);
        return Err(ApiError::invalid_state(None, Some("charge"), message));
    }
    Ok(charge)
}

fn succeeded_charge(account: &Account, intent_id: &str) -> Result<Charge, ApiError> {
    let intent = account.payment_intents.find(intent_id, "payment_intent")?;
    let charge = intent.latest_charge.as_deref().and_then(|id| account.charges.get(id));
    charge.filter(|charge| charge.succeeded).cloned().ok_or_else(|| {
        let message = format!(
            "This PaymentIntent ({intent_id}) does not have a successful charge to refund."
        );
        ApiError::invalid_state(None, Some("payment_intent"), message)
    })
}

fn amount_to_refund(charge: &Charge, requested: Option<i64>) -> Result<i64, ApiError> {
    let remaining = charge.amount - charge.amount_refunded;
    if remaining == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::invalid_state(Some("charge_already_refunded"), None, message));
    }
    let amount = requested.unwrap_or(remaining);
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid_parameter("parameter_invalid_integer", "amount", message));
    }
    if amount > remaining {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money::format_amount(amount, &charge.currency),
            money::format_amount(remaining, &charge.currency)
        );
        return Err(ApiError::invalid_state(None, Some("amount"), message));
    }
    Ok(amount)
}

/// Adds `amount` to the refunded amount of the charge and records `charge.refunded`.
fn reduce_charge(account: &mut Account, mut charge: Charge, amount: i64, context: &RequestContext) {
    let before = charge.amount_refunded;
    charge.amount_refunded += amount;
    let previous = if charge.amount_refunded == charge.amount {
        json!({"amount_refunded": before, "refunded": false})
    } else {
        json!({"amount_refunded": before})
    };
    let snapshot = account.render(&charge);
    account.charges.update(charge);
    account.record_change("charge.refunded", snapshot, Some(previous), context);
}

/// Gives the refund its reference number. Stripe does so without a request and reports it with
/// `refund.updated`.
fn assign_reference(account: &mut Account, mut refund: Refund, context: &RequestContext) {
    refund.reference = Some(ids::random("", 23).to_ascii_uppercase());
    let snapshot = account.render(&refund);
    account.refunds.update(refund);
    let previous = json!({
        "destination_details": {"card": {"reference": null, "reference_status": "pending"}},
    });
    let internal = RequestContext::internal(context.now);
    account.record_change("refund.updated", snapshot, Some(previous), &internal);
}
