//! A payment provider that takes every order.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bk_contracts::checkout::{Checkout, CheckoutError, PackCheckout, StartedCheckout};
use bk_kernel::{OperationContext, PurchaseId};

use super::lock;

/// Remembers what was to be paid for; refuses when it is closed.
#[derive(Debug, Clone, Default)]
pub struct FakeCheckout(Arc<Mutex<Till>>);

#[derive(Debug, Default)]
struct Till {
    started: Vec<PackCheckout>,
    closed: bool,
}

impl FakeCheckout {
    /// What was started so far, oldest first.
    #[must_use]
    pub fn started(&self) -> Vec<PackCheckout> {
        lock(&self.0).started.clone()
    }

    /// From now on the provider does not answer.
    pub fn close(&self) {
        lock(&self.0).closed = true;
    }
}

#[async_trait]
impl Checkout for FakeCheckout {
    async fn start_pack(
        &self,
        _: &OperationContext,
        checkout: PackCheckout,
    ) -> Result<StartedCheckout, CheckoutError> {
        let mut till = lock(&self.0);
        if till.closed {
            return Err(CheckoutError::Provider);
        }
        till.started.push(checkout);
        let checkout_url = format!("https://pay.example/{}", till.started.len());
        Ok(StartedCheckout { purchase_id: PurchaseId::new(), checkout_url })
    }
}
