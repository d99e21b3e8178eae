//! Payment intents, charges and balance transactions. All payments are made with Stripe's test cards: 4242
//! succeeds and 0002 is declined.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Metadata, Resource};

/// Message of the card issuer for a declined card.
pub(crate) const DECLINE_MESSAGE: &str = "Your card was declined.";

/// State of a payment intent: a declined one still requires a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentStatus {
    RequiresPaymentMethod,
    Succeeded,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) status: IntentStatus,
    /// Minor units of the currency.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) metadata: Metadata,
    /// Random part of the client secret, which follows the id.
    pub(crate) secret: String,
    pub(crate) latest_charge: Option<String>,
    pub(crate) payment_method: Option<String>,
}

impl PaymentIntent {
    fn last_payment_error(&self) -> Option<Value> {
        let failed = self.latest_charge.as_ref()?;
        (self.status == IntentStatus::RequiresPaymentMethod).then(|| {
            json!({
                "type": "card_error",
                "code": "card_declined",
                "decline_code": "generic_decline",
                "doc_url": "https://stripe.com/docs/error-codes/card-declined",
                "message": DECLINE_MESSAGE,
                "charge": failed,
            })
        })
    }
}

impl Resource for PaymentIntent {
    const NAME: &'static str = "payment_intent";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn to_stripe(&self, _public_base: &str) -> Value {
        let succeeded = self.status == IntentStatus::Succeeded;
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": if succeeded { self.amount } else { 0 },
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": null,
            "canceled_at": null,
            "cancellation_reason": null,
            "capture_method": "automatic_async",
            "client_secret": format!("{}_secret_{}", self.id, self.secret),
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "excluded_payment_method_types": null,
            "last_payment_error": self.last_payment_error(),
            "latest_charge": self.latest_charge,
            "livemode": false,
            "managed_payments": {"enabled": false},
            "metadata": self.metadata,
            "next_action": null,
            "on_behalf_of": null,
            "payment_method": if succeeded { self.payment_method.clone() } else { None },
            "payment_method_configuration_details": null,
            "payment_method_options": {
                "card": {
                    "installments": null,
                    "mandate_options": null,
                    "network": null,
                    "request_three_d_secure": "automatic",
                },
            },
            "payment_method_types": ["card"],
            "processing": null,
            "receipt_email": self.receipt_email,
            "review": null,
            "setup_future_usage": null,
            "shipping": null,
            "source": null,
            "statement_descriptor": self.statement_descriptor,
            "statement_descriptor_suffix": null,
            "status": if succeeded { "succeeded" } else { "requires_payment_method" },
            "transfer_data": null,
            "transfer_group": null,
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// False when the card was declined; such a charge moves no money.
    pub(crate) succeeded: bool,
    /// Minor units of the currency.
    pub(crate) amount: i64,
    /// Sum of the refunds, in minor units.
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) billing_email: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: String,
    /// Id of the balance transaction. As with automatic asynchronous capture, it is created after the payment
    /// has completed; a failed charge has none.
    pub(crate) balance_transaction: Option<String>,
}

impl Charge {
    fn outcome(&self) -> Value {
        let (kind, network, reason, seller) = if self.succeeded {
            ("authorized", "approved_by_network", None, "Payment complete.")
        } else {
            let seller = "The bank did not return any further details with this decline.";
            ("issuer_declined", "declined_by_network", Some("generic_decline"), seller)
        };
        json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": network,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": seller,
            "type": kind,
        })
    }

    fn payment_method_details(&self) -> Value {
        json!({
            "type": "card",
            "card": {
                "amount_authorized": self.succeeded.then_some(self.amount),
                "authorization_code": null,
                "brand": "visa",
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": if self.succeeded { "pass" } else { "unchecked" },
                },
                "country": "US",
                "exp_month": 12,
                "exp_year": 2034,
                "extended_authorization": {"status": "disabled"},
                "fingerprint": "SimulatedCard424",
                "funding": "credit",
                "incremental_authorization": {"status": "unavailable"},
                "installments": null,
                "last4": if self.succeeded { "4242" } else { "0002" },
                "mandate": null,
                "multicapture": {"status": "unavailable"},
                "network": "visa",
                "network_token": {"used": false},
                "network_transaction_id": null,
                "overcapture": {"maximum_amount_capturable": self.amount, "status": "unavailable"},
                "regulated_status": "unregulated",
                "three_d_secure": null,
                "wallet": null,
            },
        })
    }
}

impl Resource for Charge {
    const NAME: &'static str = "charge";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn to_stripe(&self, public_base: &str) -> Value {
        let failure = (!self.succeeded).then_some(("card_declined", DECLINE_MESSAGE));
        json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if self.succeeded { self.amount } else { 0 },
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": self.balance_transaction,
            "billing_details": {
                "address": null, "email": self.billing_email, "name": null, "phone": null, "tax_id": null,
            },
            "calculated_statement_descriptor": self.statement_descriptor,
            "captured": self.succeeded,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": false,
            "failure_balance_transaction": null,
            "failure_code": failure.map(|(code, _)| code),
            "failure_message": failure.map(|(_, message)| message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "outcome": self.outcome(),
            "paid": self.succeeded,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": self.payment_method_details(),
            "radar_options": {},
            "receipt_email": self.receipt_email,
            "receipt_number": null,
            "receipt_url": self.succeeded.then(|| format!("{public_base}/")),
            "refunded": self.succeeded && self.amount_refunded == self.amount,
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": self.statement_descriptor,
            "statement_descriptor_suffix": null,
            "status": if self.succeeded { "succeeded" } else { "failed" },
            "transfer_data": null,
            "transfer_group": null,
        })
    }
}

/// A change of the account's balance: by `amount` minus `fee`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// Minor units of the currency; negative for refunds.
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: String,
    pub(crate) description: Option<String>,
    /// Id of the charge or refund.
    pub(crate) source: String,
    /// `charge` or `refund`.
    pub(crate) kind: String,
}

impl Resource for BalanceTransaction {
    const NAME: &'static str = "balance transaction";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn to_stripe(&self, _public_base: &str) -> Value {
        let fee_details = if self.fee == 0 {
            json!([])
        } else {
            json!([{
                "amount": self.fee,
                "application": null,
                "currency": self.currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }])
        };
        json!({
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.created.saturating_add(2 * 86_400),
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "exchange_rate": null,
            "fee": self.fee,
            "fee_details": fee_details,
            "net": self.amount - self.fee,
            "reporting_category": self.kind,
            "source": self.source,
            "status": "pending",
            "type": self.kind,
        })
    }
}
