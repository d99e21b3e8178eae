//! Laying the demo into a tenant.

use std::collections::BTreeMap;

use bk_contracts::tenants::ScheduleSettings;
use bk_kernel::{OperationContext, RequestId, ScheduleError, TenantId, UserId};
use bk_kitchen_catalogue::{CatalogueState, bump_version_and_notify, lock_catalogue};
use bk_kitchen_ordering::weeks::{self, WeekTimes};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    accounts::{self, account_id},
    catalogue,
    data::{self, DemoTenant},
    ids::Ids,
    menus,
    past_week::{self, PastWeekError},
    store,
};

/// Weeks that have a menu from the start: the current one and those after it.
const MENUS: usize = 4;

/// Who is who in a demo tenant.
#[derive(Debug, Clone)]
pub struct DemoPeople {
    /// The customers, by the local part of their login: `client1`.
    pub client_users: BTreeMap<String, UserId>,
    /// The account manager of every account.
    pub manager: UserId,
}

/// Why the demo could not be laid. Nothing of it was.
#[derive(Debug, Error)]
pub enum DemoError {
    /// No demo kitchen has this slug.
    #[error("there is no demo kitchen {0}")]
    NoDemo(String),
    /// An account's login is not among the people.
    #[error("nobody has the login {0}")]
    NoLogin(String),
    /// A pack is of no product.
    #[error("no product has the SKU {0}")]
    NoProduct(String),
    /// The schedule is not one.
    #[error("the schedule is not usable")]
    Schedule(#[from] ScheduleError),
    /// The past week could not be ordered or locked.
    #[error("the past week")]
    PastWeek(#[from] PastWeekError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Lays the demo of `slug` into the tenant, relative to `now`, in one transaction. What is there
/// stays; coming weeks that have no menu get theirs.
pub async fn seed(
    kitchen: &CatalogueState,
    tenant_id: TenantId,
    slug: &str,
    now: DateTime<Utc>,
    people: &DemoPeople,
) -> Result<(), DemoError> {
    let tenant = data::tenant(slug).ok_or_else(|| DemoError::NoDemo(slug.to_owned()))?;
    let settings = kitchen.kitchen().deps().tenants.settings(tenant_id).await?;
    let schedule = settings.map_or_else(|| tenant.schedule(), |found| found.schedule.clone());
    let ctx = operation(tenant_id, now);
    let input = (ctx.clone(), schedule, people.clone());
    kitchen
        .change(&ctx, input, async |tx, (ctx, schedule, people)| {
            lay_once(&ctx, &tx, tenant, &schedule, &people).await
        })
        .await
}

#[expect(clippy::disallowed_methods, reason = "the product itself seeds the demo")]
fn operation(tenant: TenantId, now: DateTime<Utc>) -> OperationContext {
    OperationContext::system(tenant, RequestId::new(), now)
}

async fn lay_once(
    ctx: &OperationContext,
    tx: &TenantTx,
    tenant: &'static DemoTenant,
    settings: &ScheduleSettings,
    people: &DemoPeople,
) -> Result<(), DemoError> {
    let now = ctx.at();
    let ids = Ids { slug: &tenant.slug };
    let schedule = weeks::schedule_of(settings)?;
    let current = WeekTimes::current(&schedule, now).name;
    let past = WeekTimes::of(&schedule, current.previous());
    // One seeder at a time.
    lock_catalogue(tx).await?;
    let first = tenant.accounts.first().map(|account| account_id(&ids, 0, account));
    let laid = store::is_laid(tx, first.unwrap_or_default()).await?;
    if !laid {
        bump_version_and_notify(tx).await?;
        catalogue::lay(tx, tenant, &ids, now).await?;
        accounts::lay(tx, tenant, &ids, people, now).await?;
        // As if the kitchen had been there when the past week opened.
        weeks::generate_weeks(&ctx.clone().later(past.opens_at), tx, &schedule).await?;
        menus::lay(tx, tenant, &ids, (past.name, 1), past.opens_at).await?;
    }
    weeks::generate_weeks(ctx, tx, &schedule).await?;
    menus::lay(tx, tenant, &ids, (current, MENUS), now).await?;
    if !laid {
        past_week::cook(ctx, tx, tenant, people, &past).await?;
    }
    Ok(())
}
