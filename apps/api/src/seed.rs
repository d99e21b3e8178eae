//! Development's people and kitchens: the operators' tenant, two kitchens in different time zones,
//! a login for every role. Idempotent: what exists stays as it is, and then it takes no time.

use std::collections::BTreeMap;

use bk_admin::SeedTenant;
use bk_contracts::{
    identity::UserDirectory,
    tenants::{AllowedOrigins, PLATFORM_SLUG},
};
use bk_identity::{
    SeedUser,
    passwords::{Busy, Phc},
};
use bk_kernel::{TenantId, UserId};
use bk_persistence::DbError;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::Product;

/// The front ends of a developer's machine (api page, "development conveniences").
pub const CLIENT_ORIGIN: &str = "http://localhost:3000";
/// The admin app's.
pub const ADMIN_ORIGIN: &str = "http://localhost:3001";
/// The marketing site's.
pub const SITE_ORIGIN: &str = "http://localhost:3002";

/// The operator's login, in the tenant [`PLATFORM_SLUG`].
pub const OPERATOR: &str = "operator@platform.test";

/// One demo kitchen.
#[derive(Debug, Clone, Copy)]
pub struct DemoTenant {
    /// Its slug, and the domain of its logins: `owner@greenfork.test`.
    pub slug: &'static str,
    name: &'static str,
    country: &'static str,
    currency: &'static str,
    time_zone: &'static str,
}

/// The demo kitchens.
pub const TENANTS: [DemoTenant; 2] = [
    DemoTenant {
        slug: "greenfork",
        name: "Greenfork Kitchen",
        country: "AU",
        currency: "AUD",
        time_zone: "Australia/Brisbane",
    },
    DemoTenant {
        slug: "northside",
        name: "Northside Provisions",
        country: "US",
        currency: "USD",
        time_zone: "America/Chicago",
    },
];

/// Login, role, name.
const STAFF: [(&str, &str, &str); 5] = [
    ("owner", "owner", "Demo Owner"),
    ("admin", "admin", "Demo Admin"),
    ("manager", "account_manager", "Demo Account Manager"),
    ("kitchen", "kitchen", "Demo Kitchen"),
    ("driver", "driver", "Demo Driver"),
];

/// `client1` to `client8`, one per demo account.
const CLIENTS: usize = 8;

/// Why the demo data could not be laid.
#[derive(Debug, Error)]
pub enum SeedError {
    /// The database refused or is away.
    #[error("the demo data could not be written")]
    Db(#[from] DbError),
    /// The password could not be hashed.
    #[error("the demo password could not be hashed")]
    Password(#[from] Busy),
}

/// Lays what is missing of the demo data. `public_url` is where this API is reached: checkouts of
/// the demo tenants may return there.
pub async fn seed(
    product: &Product,
    public_url: &str,
    password: &SecretString,
) -> Result<(), SeedError> {
    let mut hash = HashOnce { product, password, made: None };
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
    for demo in &TENANTS {
        let tenant = product.admin.ensure_tenant(demo.seed(public_url)).await?;
        let people = demo.people(tenant);
        seed_people(product, tenant, people.values().cloned().collect(), &mut hash).await?;
    }
    Ok(())
}

impl DemoTenant {
    fn seed(&self, public_url: &str) -> SeedTenant {
        SeedTenant {
            slug: self.slug.to_owned(),
            name: self.name.to_owned(),
            country: self.country.to_owned(),
            currency: self.currency.to_owned(),
            time_zone: self.time_zone.to_owned(),
            origins: AllowedOrigins {
                client: vec![CLIENT_ORIGIN.to_owned()],
                admin: vec![ADMIN_ORIGIN.to_owned()],
                site: vec![SITE_ORIGIN.to_owned()],
            },
            return_origins: vec![CLIENT_ORIGIN.to_owned(), public_url.to_owned()],
        }
    }

    /// Everybody who can log in, by login.
    fn people(&self, tenant: TenantId) -> BTreeMap<String, Person> {
        let staff = STAFF.map(|(login, role, name)| (login.to_owned(), role, name.to_owned()));
        let clients =
            (1..=CLIENTS).map(|n| (format!("client{n}"), "client", format!("Demo Client {n}")));
        staff
            .into_iter()
            .chain(clients)
            .map(|(login, role, name)| {
                let email = format!("{login}@{}.test", self.slug);
                (login, Person::new(tenant, email, role, &name))
            })
            .collect()
    }
}

/// Somebody to be there.
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

/// The demo password's hash, made only when somebody is missing.
struct HashOnce<'a> {
    product: &'a Product,
    password: &'a SecretString,
    made: Option<Phc>,
}

impl HashOnce<'_> {
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
    hash: &mut HashOnce<'_>,
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
