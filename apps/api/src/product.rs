//! The product put together: every domain with the ports the others gave it.
//!
//! Requests go to facades that speak to the database as the API's role. Background work has its own
//! identity, billing and kitchen, which speak as the worker's role; they share the ports to tenants and roles.

use std::{fmt, sync::Arc};

use actix_web::web::ServiceConfig;
use bk_admin::{Admin, AdminDeps, AdminPorts, AdminPortsDeps};
use bk_billing::{Billing, BillingDeps, StripeConfigError, StripeSettings};
use bk_contracts::{identity::RoleCatalogue, mail::Mailer, tenants::Tenants};
use bk_guard::{Domain, Registration};
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
    pub listener: ListenerStatus,
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

/// The domains again, as background work needs them: on the worker's database.
#[derive(Clone)]
struct WorkerSide {
    database: Database,
    domains: Vec<Arc<dyn Domain>>,
}

impl Product {
    /// Puts the domains together. Fails only on settings for Stripe under which anyone could claim
    /// to have paid.
    pub fn build(parts: ProductParts) -> Result<Self, StripeConfigError> {
        let tenancy = AdminPorts::new(AdminPortsDeps {
            db: parts.app.clone(),
            platform: parts.platform.clone(),
            clock: parts.clock.clone(),
            listener: parts.listener.clone(),
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
        let worker_side = match parts.worker.clone() {
            None => None,
            Some(database) => {
                let identity = self::identity(&parts, &tenancy, database.clone());
                let kitchen =
                    self::kitchen(&parts, &tenancy, &identity, &billing, database.clone());
                let billing = self::billing(&parts, &tenancy, database.clone())?;
                let domains: Vec<Arc<dyn Domain>> =
                    vec![Arc::new(identity), Arc::new(billing), Arc::new(kitchen)];
                Some(WorkerSide { database, domains })
            }
        };
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

    /// What each domain declares, which needs nothing that runs.
    #[must_use]
    pub fn registrations() -> [Registration; 4] {
        [
            Identity::registration(),
            Admin::registration(),
            Billing::registration(),
            Kitchen::registration(),
        ]
    }

    /// Every permission that people can be given, of all domains.
    #[must_use]
    pub fn permissions() -> Vec<PermissionDef> {
        Self::registrations()
            .iter()
            .flat_map(|domain| domain.all_permissions().iter().copied())
            .collect()
    }

    /// The domains that answer requests.
    fn domains(&self) -> [&dyn Domain; 4] {
        [&self.identity, &self.admin, &self.billing, &self.kitchen]
    }

    /// The same domains on the worker's database; none in a process without one.
    fn worker_domains(&self) -> &[Arc<dyn Domain>] {
        self.worker_side.as_ref().map_or(&[], |side| &side.domains)
    }

    /// Gives the handlers of all domains what they ask for.
    pub(crate) fn app_data(&self, config: &mut ServiceConfig) {
        self.domains().iter().for_each(|domain| domain.app_data(config));
    }

    /// Registers the background work of all domains and of the host; nothing in a process without
    /// a worker's database.
    pub fn register_jobs(&self, registry: &mut Registry) {
        let Some(side) = &self.worker_side else { return };
        side.domains.iter().for_each(|domain| domain.jobs(registry));
        maintenance::register(&side.database, &self.ports, registry);
    }

    /// The consumers of facts.
    #[must_use]
    pub fn fact_handlers(&self) -> Vec<Arc<dyn EventHandler>> {
        self.worker_domains().iter().flat_map(|domain| domain.fact_handlers()).collect()
    }

    /// Which caches are invalidated by which notices.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let workers = self.worker_domains().iter().map(|domain| &**domain);
        self.domains().into_iter().chain(workers).flat_map(Domain::invalidations).collect()
    }

    /// The database that background work is done on.
    #[must_use]
    pub fn worker(&self) -> Option<&Database> {
        self.worker_side.as_ref().map(|side| &side.database)
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
        listener: parts.listener.clone(),
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
        listener: parts.listener.clone(),
    })
}
