//! The port through which the kitchen asks for a payment page. Implemented by billing.

use async_trait::async_trait;
use bk_kernel::{AccountId, Money, OperationContext, PackProductId, PurchaseId, UserId};
use bk_persistence::DbError;
use thiserror::Error;

/// A pack to be paid for.
#[derive(Debug, Clone)]
pub struct PackCheckout {
    /// The account that buys.
    pub account_id: AccountId,
    /// The person who pays.
    pub user_id: UserId,
    /// Their address, for the receipt.
    pub email: String,
    /// The product that is bought.
    pub product_id: PackProductId,
    /// The title of the product, for the payment page.
    pub title: String,
    /// Meals in the pack.
    pub meals: i32,
    /// Grams per meal.
    pub meal_size_g: i32,
    /// The price of the pack.
    pub price: Money,
    /// Where the payment page returns to; already checked against the tenant's allowlist.
    pub success_url: String,
    /// Where it returns to when left.
    pub cancel_url: String,
    /// The caller's `Idempotency-Key`, if any: the same key never starts two purchases.
    pub request_key: Option<String>,
}

/// A started checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCheckout {
    /// The purchase, `PENDING`.
    pub purchase_id: PurchaseId,
    /// The payment page.
    pub checkout_url: String,
}

/// Why a checkout could not be started.
#[derive(Debug, Error)]
pub enum CheckoutError {
    /// The payment provider did not answer or refused; nothing was charged.
    #[error("the payment provider is not available")]
    Provider,
    /// The purchase could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Opens payment pages.
#[async_trait]
pub trait Checkout: Send + Sync {
    /// Records a `PENDING` purchase of the operation's tenant and opens a payment page for it.
    async fn start_pack(
        &self,
        context: &OperationContext,
        checkout: PackCheckout,
    ) -> Result<StartedCheckout, CheckoutError>;
}
