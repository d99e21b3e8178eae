//! Billing: opening payment pages, taking in what Stripe tells, keeping the ledger of money.
//!
//! The only crate that speaks to Stripe. It refuses to know packs, meals in stock and orders: it
//! tells the fact that a purchase was paid, whole, and the kitchen grants the pack. Invariants:
//!
//! - only what Stripe itself says, asked by the worker, makes a purchase `PAID`;
//! - every payment is posted once, whatever is delivered twice, late, out of order or not at all;
//! - what Stripe says and what was sold must agree, or people look at it.

mod checkout;
mod entity;
mod ledger;
pub mod permissions;
mod purchase;
mod stripe;
#[cfg(test)]
mod tests;
mod transactions;
mod webhooks;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bk_contracts::{
    accounts::AccountDirectory,
    checkout::{Checkout, CheckoutError, PackCheckout, StartedCheckout},
    tenants::Tenants,
};
use bk_guard::Routes;
use bk_kernel::{Clock, PermissionDef};
use bk_persistence::{Database, jobs::Registry};

pub use stripe::{StripeConfigError, StripeSettings};

use checkout::StartCheckout;
use ledger::{Reconcile, SettlePurchase};
use stripe::StripeGateway;
use webhooks::{Jobs, ProcessEvent, ReceiveEvent, SigningSecrets};

/// What billing needs from the host.
pub struct BillingDeps {
    /// The database as the API's role.
    pub db: Database,
    /// The product's clock.
    pub clock: Clock,
    /// The clock that webhook signatures are compared with: [`Clock::system`] in production,
    /// whatever the simulator signs with in development.
    pub signing_clock: Clock,
    /// How to speak to Stripe.
    pub stripe: StripeSettings,
    /// From people to the accounts they order for.
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
    /// Refuses settings that would let anybody tell us that they paid.
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
        let checkout =
            StartCheckout { db: db.clone(), stripe: stripe.clone(), clock: clock.clone() };
        let livemode = settings.livemode;
        let inner = Inner { db, clock, stripe, livemode, accounts, tenants, checkout, receive };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Registers the background work, which runs as the worker role on `worker`.
    pub fn jobs(&self, worker: &Database, registry: &mut Registry) {
        let inner = &self.inner;
        let settle = SettlePurchase {
            db: worker.clone(),
            stripe: inner.stripe.clone(),
            clock: inner.clock.clone(),
            livemode: inner.livemode,
        };
        let jobs = Jobs {
            process: ProcessEvent::new(settle.clone(), inner.stripe.clone(), inner.clock.clone()),
            reconcile: Reconcile { db: worker.clone(), settle, clock: inner.clock.clone() },
            tenants: inner.tenants.clone(),
            db: worker.clone(),
            clock: inner.clock.clone(),
        };
        jobs.register(registry);
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
    async fn start_pack(&self, checkout: PackCheckout) -> Result<StartedCheckout, CheckoutError> {
        self.inner.checkout.start(checkout).await
    }
}

impl fmt::Debug for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Billing").field("livemode", &self.inner.livemode).finish_non_exhaustive()
    }
}

/// Mounts the routes below `/api/v1`.
pub fn routes(routes: &mut Routes<'_>) {
    transactions::http::routes(routes);
    webhooks::http::routes(routes);
}

/// Mounts the routes outside `/api/v1`: where Stripe delivers its events.
pub fn root_routes(routes: &mut Routes<'_>) {
    webhooks::http::root_routes(routes);
}

/// What people may be permitted to do with money.
#[must_use]
pub const fn permissions() -> &'static [PermissionDef] {
    permissions::ALL
}
