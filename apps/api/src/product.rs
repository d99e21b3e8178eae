//! The product put together: every domain with the ports the others gave it.
//!
//! Requests go to facades that speak to the database as the API's role. Background work has its own
//! identity, billing and kitchen, which speak as the worker's role; they share the ports to tenants and roles.

use std::{fmt, sync::Arc};

use bk_admin::{Admin, AdminDeps, AdminPorts, AdminPortsDeps};
use bk_billing::{Billing, BillingDeps, StripeConfigError, StripeSettings};
use bk_contracts::{identity::RoleCatalogue, mail::Mailer, tenants::Tenants};
use bk_guard::Domain;
use bk_identity::{Identity, IdentityDeps, PasswordPool};
use bk_kernel::{Clock, Environment, PermissionDef};
use bk_kitchen::{Accounts, Kitchen, KitchenDeps};
use bk_persistence::{
    Database, EventHandler,
    invalidation::{ListenerStatus, Subscriber},
    jobs::Registry,
};

use crate::maintenance;

/// What the product is made of.
#[derive(Clone)]
pub struct ProductParts {
    /// The database as the API's role.
    pub app: Database,
    /// The database as the worker's role; none in a process that does no background work.
    pub worker: Option<Database>,
    /// The database as the operators' role.
    pub platform: Database,
    /// The product's clock.
    pub clock: Clock,
    /// Whether cache notices reach this process.
    pub hearing: ListenerStatus,
    /// How to speak to Stripe.
    pub stripe: StripeSettings,
    /// The mail server, or the development mailbox.
    pub mailer: Arc<dyn Mailer>,
    /// The bound on password hashing.
    pub passwords: PasswordPool,
    /// Where browsers reach this API, without a trailing slash.
    pub public_url: String,
    /// Origins that a checkout may return to besides the tenant's own: development's front ends.
    pub return_origins: Vec<String>,
    /// Development lets a password count as a second factor, so that step-up routes can be tried.
    pub environment: Environment,
}

/// The product. Cheap to clone.
#[derive(Clone)]
pub struct Product {
    /// Tenants, roles, settings.
    pub admin: Admin,
    /// What the other domains ask about tenants and roles.
    pub ports: AdminPorts,
    /// People and sessions.
    pub identity: Identity,
    /// Payments through Stripe.
    pub billing: Billing,
    /// Menu, packs, ordering and production.
    pub kitchen: Kitchen,
    /// The product's clock.
    pub clock: Clock,
    worker_side: Option<WorkerSide>,
}

/// What background work is done with.
#[derive(Clone)]
struct WorkerSide {
    worker: Database,
    identity: Identity,
    billing: Billing,
    kitchen: Kitchen,
}

impl Product {
    /// Puts the domains together. Fails only on settings for Stripe under which anyone could claim
    /// to have paid.
    pub fn build(parts: ProductParts) -> Result<Self, StripeConfigError> {
        let tenancy = AdminPorts::new(AdminPortsDeps {
            db: parts.app.clone(),
            platform: parts.platform.clone(),
            clock: parts.clock.clone(),
            listener: parts.hearing.clone(),
        });
        let identity = identity(&parts, &tenancy, parts.app.clone());
        let admin = Admin::new(AdminDeps {
            ports: tenancy.clone(),
            clock: parts.clock.clone(),
            catalogue: Self::permissions(),
            users: Arc::new(identity.clone()),
        });
        let billing = billing(&parts, &tenancy, parts.app.clone())?;
        let kitchen = kitchen(&parts, &tenancy, &identity, &billing, parts.app.clone());
        let worker_side = parts.worker.clone().map(|worker| {
            let identity = self::identity(&parts, &tenancy, worker.clone());
            let kitchen = self::kitchen(&parts, &tenancy, &identity, &billing, worker.clone());
            let billing = self::billing(&parts, &tenancy, worker.clone())?;
            Ok(WorkerSide { worker, identity, billing, kitchen })
        });
        let worker_side = worker_side.transpose()?;
        Ok(Self {
            admin,
            ports: tenancy,
            identity,
            billing,
            kitchen,
            clock: parts.clock,
            worker_side,
        })
    }

    /// Everything that anybody can be permitted to do, of all domains.
    #[must_use]
    pub fn permissions() -> Vec<PermissionDef> {
        [
            Admin::registration().all_permissions(),
            Billing::registration().all_permissions(),
            Identity::registration().all_permissions(),
            bk_kitchen::permissions(),
        ]
        .concat()
    }

    /// Registers the background work of all domains and of the host; nothing in a process without
    /// a worker's database.
    pub fn register_jobs(&self, registry: &mut Registry) {
        let Some(worker_side) = &self.worker_side else { return };
        worker_side.identity.jobs(registry);
        worker_side.billing.jobs(registry);
        worker_side.kitchen.jobs(registry);
        maintenance::register(&worker_side.worker, &self.ports, &self.clock, registry);
    }

    /// The consumers of facts.
    #[must_use]
    pub fn event_handlers(&self) -> Vec<Arc<dyn EventHandler>> {
        self.worker_side
            .as_ref()
            .map(|worker_side| worker_side.kitchen.event_handlers())
            .unwrap_or_default()
    }

    /// Which caches are invalidated by which notices.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let mut all = self.ports.invalidations();
        all.extend(self.identity.invalidations());
        all.extend(self.kitchen.invalidations());
        if let Some(worker_side) = &self.worker_side {
            all.extend(worker_side.identity.invalidations());
            all.extend(worker_side.kitchen.invalidations());
        }
        all
    }

    /// The database that background work is done on.
    #[must_use]
    pub fn worker(&self) -> Option<&Database> {
        self.worker_side.as_ref().map(|worker_side| &worker_side.worker)
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Product")
            .field("works", &self.worker_side.is_some())
            .finish_non_exhaustive()
    }
}

fn identity(parts: &ProductParts, tenancy: &AdminPorts, db: Database) -> Identity {
    Identity::new(IdentityDeps {
        db,
        clock: parts.clock.clone(),
        roles: Arc::new(tenancy.clone()) as Arc<dyn RoleCatalogue>,
        tenants: Arc::new(tenancy.clone()) as Arc<dyn Tenants>,
        mailer: Arc::clone(&parts.mailer),
        listener: parts.hearing.clone(),
        passwords: parts.passwords.clone(),
        public_url: parts.public_url.clone(),
        password_counts_as_aal2: parts.environment == Environment::Development,
    })
}

fn billing(
    parts: &ProductParts,
    tenancy: &AdminPorts,
    db: Database,
) -> Result<Billing, StripeConfigError> {
    Billing::new(BillingDeps {
        db,
        clock: parts.clock.clone(),
        // Signatures carry the machine's time, the simulator's too.
        signing_clock: Clock::system(),
        stripe: parts.stripe.clone(),
        accounts: Arc::new(Accounts),
        tenants: Arc::new(tenancy.clone()),
    })
}

fn kitchen(
    parts: &ProductParts,
    tenancy: &AdminPorts,
    identity: &Identity,
    billing: &Billing,
    db: Database,
) -> Kitchen {
    Kitchen::new(KitchenDeps {
        db,
        clock: parts.clock.clone(),
        tenants: Arc::new(tenancy.clone()),
        users: Arc::new(identity.clone()),
        checkout: Arc::new(billing.clone()),
        return_origins: parts.return_origins.clone(),
        hearing: parts.hearing.clone(),
    })
}
