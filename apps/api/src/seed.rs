//! Development's people and kitchens: the operators' tenant, two kitchens in different time zones,
//! a login for every role. Idempotent: what exists stays as it is, and then it takes no time.

use std::collections::BTreeMap;

use bk_admin::SeedTenant;
use bk_contracts::{
    identity::UserDirectory,
    tenants::{AllowedOrigins, PLATFORM_SLUG},
};
use bk_identity::{Busy, Phc, SeedUser};
use bk_kernel::{OperationContext, RequestId, TenantId, UserId};
use bk_kitchen::{DemoError, DemoPeople, DemoTenant, demo_tenants};
use bk_persistence::DbError;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::Product;

/// The front ends of a developer's machine (docs/http.md, "Development").
pub const CLIENT_ORIGIN: &str = "http://localhost:3000";
/// The admin app's.
pub const ADMIN_ORIGIN: &str = "http://localhost:3001";
/// The marketing site's.
pub const SITE_ORIGIN: &str = "http://localhost:3002";

/// The operator's login, in the tenant [`PLATFORM_SLUG`].
pub const OPERATOR: &str = "operator@platform.test";

/// The role of who looks after the demo accounts.
const MANAGER: &str = "account_manager";

/// Login, role, name.
const STAFF: [(&str, &str, &str); 5] = [
    ("owner", "owner", "Demo Owner"),
    ("admin", "admin", "Demo Admin"),
    ("manager", MANAGER, "Demo Account Manager"),
    ("kitchen", "kitchen", "Demo Kitchen"),
    ("driver", "driver", "Demo Driver"),
];

/// Why the demo data could not be written.
#[derive(Debug, Error)]
pub enum SeedError {
    /// The database refused or is away.
    #[error("the demo data could not be written")]
    Db(#[from] DbError),
    /// The demo kitchens could not be written.
    #[error("the demo kitchens could not be written")]
    Kitchen(#[from] DemoError),
    /// The password could not be hashed.
    #[error("the demo password could not be hashed")]
    Password(#[from] Busy),
}

/// Writes what is missing of the demo data, relative to the product's clock.
pub async fn seed(product: &Product, password: &SecretString) -> Result<(), SeedError> {
    let mut hash = LazyPasswordHash { product, password, made: None };
    let platform = SeedTenant {
        slug: PLATFORM_SLUG.to_owned(),
        name: "Platform".to_owned(),
        country: "AU".to_owned(),
        currency: "AUD".to_owned(),
        time_zone: "UTC".to_owned(),
        origins: AllowedOrigins::default(),
        return_origins: Vec::new(),
    };
    let tenant = product.admin.ensure_tenant(platform).await?;
    let operator = Person::new(tenant, OPERATOR.to_owned(), "super_admin", "Demo Operator");
    seed_people(product, tenant, vec![operator], &mut hash).await?;
    for demo in demo_tenants() {
        let tenant = product.admin.ensure_tenant(kitchen(demo)).await?;
        let (staff, clients) = (staff(demo, tenant), clients(demo, tenant));
        let manager = Person::new(tenant, email("manager", demo), MANAGER, "").id;
        let people = staff.into_iter().chain(clients.values().cloned()).collect();
        seed_people(product, tenant, people, &mut hash).await?;
        let people = DemoPeople {
            client_users: clients.into_iter().map(|(login, person)| (login, person.id)).collect(),
            manager,
        };
        product.kitchen.seed_demo(&operation(product, tenant), &demo.slug, &people).await?;
    }
    Ok(())
}

/// The operation that seeds the kitchen of a tenant.
#[expect(clippy::disallowed_methods, reason = "the product seeds its own demo")]
fn operation(product: &Product, tenant: TenantId) -> OperationContext {
    OperationContext::system(tenant, RequestId::new(), product.clock.now())
}

fn kitchen(demo: &DemoTenant) -> SeedTenant {
    SeedTenant {
        slug: demo.slug.clone(),
        name: demo.name.clone(),
        country: demo.country.clone(),
        currency: demo.currency.clone(),
        time_zone: demo.time_zone.clone(),
        origins: AllowedOrigins {
            client: vec![CLIENT_ORIGIN.to_owned()],
            admin: vec![ADMIN_ORIGIN.to_owned()],
            site: vec![SITE_ORIGIN.to_owned()],
        },
        return_origins: vec![CLIENT_ORIGIN.to_owned()],
    }
}

fn staff(demo: &DemoTenant, tenant: TenantId) -> Vec<Person> {
    let person = |(login, role, name)| Person::new(tenant, email(login, demo), role, name);
    STAFF.into_iter().map(person).collect()
}

/// The customers, by the local part of their login.
fn clients(demo: &DemoTenant, tenant: TenantId) -> BTreeMap<String, Person> {
    demo.clients()
        .map(|(login, name)| {
            (login.to_owned(), Person::new(tenant, email(login, demo), "client", name))
        })
        .collect()
}

fn email(login: &str, demo: &DemoTenant) -> String {
    format!("{login}@{}.test", demo.slug)
}

/// A demo user to create.
#[derive(Debug, Clone)]
struct Person {
    id: UserId,
    email: String,
    role: &'static str,
    name: String,
}

impl Person {
    /// The id follows from tenant and address, so a second seeding finds the same person.
    fn new(tenant: TenantId, email: String, role: &'static str, name: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(tenant.uuid().as_bytes());
        hasher.update(email.as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
        let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        Self { id: Uuid::into(id), email, role, name: name.to_owned() }
    }
}

/// The demo password's hash, made only when a user is missing.
struct LazyPasswordHash<'a> {
    product: &'a Product,
    password: &'a SecretString,
    made: Option<Phc>,
}

impl LazyPasswordHash<'_> {
    async fn get(&mut self) -> Result<Phc, Busy> {
        if let Some(made) = &self.made {
            return Ok(made.clone());
        }
        let hash = self.product.identity.hash_password(self.password.clone()).await?;
        Ok(self.made.insert(hash).clone())
    }
}

async fn seed_people(
    product: &Product,
    tenant: TenantId,
    people: Vec<Person>,
    hash: &mut LazyPasswordHash<'_>,
) -> Result<(), SeedError> {
    let scope = product.kitchen.tenant(tenant);
    let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
    let identity = product.identity.clone();
    let there = scope.read(async move |tx| identity.summaries(&tx, &ids).await).await?;
    if there.len() == people.len() {
        return Ok(());
    }
    let password = hash.get().await?;
    let (identity, at) = (product.identity.clone(), product.clock.now());
    scope
        .run(async move |tx| {
            for person in people {
                let seed = SeedUser {
                    id: person.id,
                    email: person.email,
                    display_name: person.name,
                    roles: vec![person.role.to_owned()],
                    password: password.clone(),
                    at,
                };
                identity.seed_user(&tx, seed).await?;
            }
            Ok::<_, DbError>(())
        })
        .await?;
    Ok(())
}
