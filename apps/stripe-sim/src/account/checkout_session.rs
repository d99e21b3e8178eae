//! The Checkout Session: what the buyer is asked to pay for, and whether it was paid.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Metadata, Price, Resource};

/// State of a session: `open -> complete` or `open -> expired`; nothing follows after either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

impl SessionStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// One line of a session: a quantity of one price.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LineItem {
    pub(crate) id: String,
    /// Name of the product when the session was created.
    pub(crate) description: String,
    pub(crate) quantity: i64,
    /// Quantity times unit amount, in minor units of the currency.
    pub(crate) amount_total: i64,
    pub(crate) metadata: Metadata,
    /// Copy of the price from when the session was created.
    pub(crate) price: Price,
}

impl LineItem {
    pub(crate) fn to_stripe(&self) -> Value {
        json!({
            "id": self.id,
            "object": "item",
            "adjustable_quantity": null,
            "amount_discount": 0,
            "amount_subtotal": self.amount_total,
            "amount_tax": 0,
            "amount_total": self.amount_total,
            "currency": self.price.currency,
            "description": self.description,
            "metadata": self.metadata,
            "price": self.price.to_stripe(""),
            "quantity": self.quantity,
        })
    }
}

/// Fields that the session passes on to the payment intent it will create.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PaymentIntentData {
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) metadata: Metadata,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CheckoutSession {
    pub(crate) id: String,
    /// Unix seconds.
    pub(crate) created: i64,
    /// Unix seconds.
    pub(crate) expires_at: i64,
    pub(crate) status: SessionStatus,
    pub(crate) currency: String,
    /// Sum of the line items, in minor units of the currency.
    pub(crate) amount_total: i64,
    pub(crate) line_items: Vec<LineItem>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) client_reference_id: Option<String>,
    /// Id of the customer; absent for guests.
    pub(crate) customer: Option<String>,
    pub(crate) customer_email: Option<String>,
    /// `always` or `if_required`; absent when the session was created for an existing customer.
    pub(crate) customer_creation: Option<String>,
    /// E-mail address that the buyer entered on the checkout page.
    pub(crate) buyer_email: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) submit_type: Option<String>,
    pub(crate) billing_address_collection: Option<String>,
    pub(crate) metadata: Metadata,
    /// Id of the payment intent; absent until the buyer first tries to pay.
    pub(crate) payment_intent: Option<String>,
    pub(crate) payment_intent_data: PaymentIntentData,
    /// Why the last attempt to pay failed, for the checkout page.
    pub(crate) last_decline: Option<String>,
}

impl CheckoutSession {
    /// Returns the seller's address that the buyer is redirected to after paying.
    pub(crate) fn success_redirect(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    /// Returns the address of the session's checkout page.
    pub(crate) fn page_url(&self, public_base: &str) -> String {
        format!("{public_base}/c/pay/{}", self.id)
    }

    pub(crate) fn payment_status(&self) -> &'static str {
        match (self.amount_total, self.status) {
            (0, _) => "no_payment_required",
            (_, SessionStatus::Complete) => "paid",
            (_, SessionStatus::Open | SessionStatus::Expired) => "unpaid",
        }
    }

    fn customer_details(&self) -> Option<Value> {
        let email = self.buyer_email.as_ref().or(self.customer_email.as_ref())?;
        Some(json!({
            "address": null,
            "business_name": null,
            "email": email,
            "individual_name": null,
            "name": null,
            "phone": null,
            "tax_exempt": "none",
            "tax_ids": null,
        }))
    }
}

impl Resource for CheckoutSession {
    const NAME: &'static str = "checkout.session";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn to_stripe(&self, public_base: &str) -> Value {
        let url = (self.status == SessionStatus::Open).then(|| self.page_url(public_base));
        let mut session = json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "billing_address_collection": self.billing_address_collection,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_creation": self.customer_creation,
            "customer_details": self.customer_details(),
            "customer_email": self.customer_email,
            "expires_at": self.expires_at,
            "livemode": false,
            "locale": self.locale,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.payment_intent,
            "payment_method_types": ["card"],
            "payment_status": self.payment_status(),
            "status": self.status.as_str(),
            "submit_type": self.submit_type,
            "success_url": self.success_url,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": url,
        });
        if let (Some(fields), Value::Object(unused)) = (session.as_object_mut(), unused_features())
        {
            fields.extend(unused);
        }
        session
    }
}

/// Returns the fields of features that the simulator does not implement, with the values Stripe gives them
/// when they are not used.
fn unused_features() -> Value {
    json!({
        "adaptive_pricing": {"enabled": false},
        "after_expiration": null,
        "allow_promotion_codes": null,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": {
            "after_submit": null,
            "shipping_address": null,
            "submit": null,
            "terms_of_service_acceptance": null,
        },
        "customer_account": null,
        "discounts": [],
        "invoice": null,
        "invoice_creation": {
            "enabled": false,
            "invoice_data": {
                "account_tax_ids": null,
                "custom_fields": null,
                "description": null,
                "footer": null,
                "issuer": null,
                "metadata": {},
                "rendering_options": null,
            },
        },
        "integration_identifier": null,
        "managed_payments": {"enabled": false},
        "origin_context": null,
        "payment_link": null,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "permissions": null,
        "phone_number_collection": {"enabled": false},
        "recovered_from": null,
        "saved_payment_method_options": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "subscription": null,
        "wallet_options": null,
    })
}
