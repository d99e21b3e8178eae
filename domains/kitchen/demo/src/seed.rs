//! Seeding the demo into a tenant.

use std::collections::BTreeMap;

use bk_contracts::tenants::ScheduleSettings;
use bk_kernel::{OperationContext, ScheduleError, UserId};
use bk_kitchen_catalogue::{CatalogueState, bump_version_and_notify, lock_catalogue};
use bk_kitchen_ordering::weeks::{self, WeekTimes};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    accounts::{account_id, seed_accounts},
    catalogue::seed_catalogue,
    data::{self, DemoTenant},
    ids::Ids,
    menus::seed_menus,
    past_week::{PastWeekError, order_and_lock},
    store,
};

/// Weeks that have a menu from the start: the current one and those after it.
const MENUS: usize = 4;

/// Which users the customers and the account manager of a demo tenant are.
#[derive(Debug, Clone)]
pub struct DemoPeople {
    /// The customers, by the local part of their login: `client1`.
    pub client_users: BTreeMap<String, UserId>,
    /// The account manager of every account.
    pub manager: UserId,
}

/// Why the demo could not be seeded. Nothing of it was.
#[derive(Debug, Error)]
pub enum DemoError {
    /// No demo kitchen has this slug.
    #[error("there is no demo kitchen {0}")]
    NoDemo(String),
    /// An account's login is not among the people.
    #[error("no user has the login {0}")]
    NoLogin(String),
    /// A pack is of no product.
    #[error("no product has the SKU {0}")]
    NoProduct(String),
    /// The settings of the tenant hold no valid schedule.
    #[error("the schedule is not usable")]
    Schedule(#[from] ScheduleError),
    /// The past week could not be ordered or locked.
    #[error("the past week")]
    PastWeek(#[from] PastWeekError),
    /// The demo could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Seeds the demo kitchen of `slug` into the tenant of the context, relative to the instant of the
/// operation, in one transaction. What is there stays; coming weeks that have no menu get theirs.
pub async fn seed(
    ctx: &OperationContext,
    catalogue: &CatalogueState,
    slug: &str,
    people: &DemoPeople,
) -> Result<(), DemoError> {
    let tenant = data::tenant(slug).ok_or_else(|| DemoError::NoDemo(slug.to_owned()))?;
    let settings = catalogue.kitchen().deps().tenants.settings(ctx.tenant_id()).await?;
    let schedule = settings.map_or_else(|| tenant.schedule(), |found| found.schedule.clone());
    let input = (ctx.clone(), schedule, people.clone());
    catalogue
        .change(ctx, input, async |tx, (ctx, schedule, people)| {
            seed_in(&ctx, &tx, tenant, (&schedule, &people)).await
        })
        .await
}

async fn seed_in(
    ctx: &OperationContext,
    tx: &TenantTx,
    tenant: &'static DemoTenant,
    (settings, people): (&ScheduleSettings, &DemoPeople),
) -> Result<(), DemoError> {
    let ids = Ids { slug: &tenant.slug };
    let now = ctx.at();
    let schedule = weeks::schedule_of(settings)?;
    let current = WeekTimes::current(&schedule, now).name;
    let past = WeekTimes::of(&schedule, current.previous());
    // Of seedings at the same time, one goes on at once and the others find everything there.
    lock_catalogue(tx).await?;
    let first = tenant.accounts.first().map(|account| account_id(&ids, 0, account));
    let is_seeded = store::is_seeded(tx, first.unwrap_or_default()).await?;
    if !is_seeded {
        bump_version_and_notify(tx).await?;
        seed_catalogue(tx, tenant, &ids, now).await?;
        seed_accounts(tx, tenant, &ids, people, now).await?;
        // As if the kitchen had been there when the past week opened.
        weeks::generate_weeks(&ctx.clone().later(past.opens_at), tx, &schedule).await?;
        seed_menus(tx, tenant, &ids, (past.name, 1), past.opens_at).await?;
    }
    weeks::generate_weeks(ctx, tx, &schedule).await?;
    seed_menus(tx, tenant, &ids, (current, MENUS), now).await?;
    if !is_seeded {
        order_and_lock(ctx, tx, tenant, people, &past).await?;
    }
    Ok(())
}
