//! Billing: opening payment pages, receiving Stripe's events, keeping the ledger of money.
//!
//! The only crate that speaks to Stripe. It refuses to know packs, meals in stock and orders: it
//! publishes the whole fact that a purchase was paid, and the kitchen grants the pack. Invariants:
//!
//! - only what Stripe itself answers, asked by the worker, makes a purchase `PAID`;
//! - every payment is posted once, whatever is delivered twice, late, out of order or not at all;
//! - a purchase whose price and payment disagree is held for review;
//! - what a webhook causes carries its request id, from the delivery to the published fact.
//!
//! ```text
//! checkout, ledger -> purchases      stripe_events, transactions -> ledger, purchases
//! ```

mod checkout;
mod http;
mod ledger;
mod permissions;
mod purchases;
mod stripe;
mod stripe_events;
mod stripe_settings;
mod transactions;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bk_contracts::{
    accounts::AccountDirectory,
    checkout::{Checkout, CheckoutError, PackCheckout, StartedCheckout},
    tenants::Tenants,
};
use bk_kernel::{Clock, OperationContext};
use bk_persistence::{Database, jobs::Registry};

pub use stripe_settings::{StripeConfigError, StripeSettings};

use checkout::StartCheckout;
use ledger::{ReconcileJobs, ReconcileTenant, SettlePurchase};
use stripe::StripeGateway;
use stripe_events::{EventJobs, ProcessEvent, ReceiveEvent, SigningSecrets};

/// What billing needs from the host.
pub struct BillingDeps {
    /// The database: as the API's role for requests, as the worker's for background work.
    pub db: Database,
    /// The product's clock.
    pub clock: Clock,
    /// The clock that webhook signatures are compared with: [`Clock::system`] in production,
    /// whatever the simulator signs with in development.
    pub signing_clock: Clock,
    /// The settings for Stripe.
    pub stripe: StripeSettings,
    /// Finds the account that a person orders for.
    pub accounts: Arc<dyn AccountDirectory>,
    /// The tenants that are reconciled.
    pub tenants: Arc<dyn Tenants>,
}

/// The billing domain. Cheap to clone.
#[derive(Clone)]
pub struct Billing {
    inner: Arc<Inner>,
}

struct Inner {
    db: Database,
    clock: Clock,
    stripe: StripeGateway,
    livemode: bool,
    accounts: Arc<dyn AccountDirectory>,
    tenants: Arc<dyn Tenants>,
    checkout: StartCheckout,
    receive: ReceiveEvent,
}

impl Billing {
    /// Puts the domain together. Fails with [`StripeConfigError`] for settings that cannot be used, or
    /// that would let anybody report a payment.
    pub fn new(deps: BillingDeps) -> Result<Self, StripeConfigError> {
        let BillingDeps { db, clock, signing_clock, stripe: settings, accounts, tenants } = deps;
        let stripe = StripeGateway::new(&settings)?;
        let receive = ReceiveEvent {
            db: db.clone(),
            secrets: SigningSecrets::new(settings.webhook_secrets)?,
            signing_clock,
            clock: clock.clone(),
            livemode: settings.livemode,
        };
        let checkout = StartCheckout { db: db.clone(), stripe: stripe.clone() };
        let livemode = settings.livemode;
        let inner = Inner { db, clock, stripe, livemode, accounts, tenants, checkout, receive };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Registers the background work, which needs the worker's database.
    fn register_jobs(&self, registry: &mut Registry) {
        let Inner { db, clock, tenants, .. } = &*self.inner;
        EventJobs { process: self.process(), db: db.clone() }.register(registry);
        let settle = self.settle();
        let reconcile = ReconcileTenant { db: db.clone(), settle, clock: clock.clone() };
        ReconcileJobs { reconcile, tenants: tenants.clone(), db: db.clone() }.register(registry);
    }

    fn settle(&self) -> SettlePurchase {
        let Inner { db, stripe, livemode, .. } = &*self.inner;
        SettlePurchase { db: db.clone(), stripe: stripe.clone(), livemode: *livemode }
    }

    fn process(&self) -> ProcessEvent {
        let Inner { db, stripe, clock, .. } = &*self.inner;
        ProcessEvent::new(db.clone(), self.settle(), stripe.clone(), clock.clone())
    }

    fn db(&self) -> &Database {
        &self.inner.db
    }

    fn accounts(&self) -> Arc<dyn AccountDirectory> {
        self.inner.accounts.clone()
    }

    fn receive(&self) -> &ReceiveEvent {
        &self.inner.receive
    }
}

#[async_trait]
impl Checkout for Billing {
    async fn start_pack(
        &self,
        context: &OperationContext,
        checkout: PackCheckout,
    ) -> Result<StartedCheckout, CheckoutError> {
        self.inner.checkout.start(context, checkout).await
    }
}

impl fmt::Debug for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Billing").field("livemode", &self.inner.livemode).finish_non_exhaustive()
    }
}
