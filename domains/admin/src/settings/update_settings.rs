//! The use case: a tenant's staff change its schedule and its origins.

use bk_audit::AuditEntry;
use bk_contracts::facts::{Fact, ScheduleChanged};
use bk_kernel::{Authorized, ScheduleError, WeeklySchedule};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use crate::{
    Admin,
    permissions::SettingsWrite,
    tenants::{Origin, OriginError, Tenant, TenantSetup, lock_tenant, save_tenant},
};

/// The greatest number of origins in one list.
const MAX_ORIGINS: usize = 20;

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub(super) struct UpdateSettings {
    /// The version that the editor has read.
    pub(super) version: i64,
    pub(super) schedule: ScheduleChange,
    pub(super) origins: OriginsChange,
}

/// The schedule's part of a change, as the editor wrote it.
#[derive(Debug, Clone, Default)]
pub(super) struct ScheduleChange {
    pub(super) time_zone: Option<String>,
    pub(super) window_opens: Option<String>,
    pub(super) window_closes: Option<String>,
    pub(super) cutoff: Option<String>,
}

/// The origins' part of a change, as the editor wrote it. A list replaces the list.
#[derive(Debug, Clone, Default)]
pub(super) struct OriginsChange {
    pub(super) client: Option<Vec<String>>,
    pub(super) admin: Option<Vec<String>>,
    pub(super) site: Option<Vec<String>>,
    pub(super) returns: Option<Vec<String>>,
}

/// A list of origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OriginList {
    Client,
    Admin,
    Site,
    Returns,
}

/// Why a list of origins was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum OriginListError {
    /// The list is longer than [`MAX_ORIGINS`].
    #[error("at most 20 origins")]
    TooMany,
    /// The origin at `index` is not one that a tenant may admit.
    #[error("{why}")]
    Origin {
        /// The place in the list, from 0.
        index: usize,
        /// What is wrong with the origin.
        why: OriginError,
    },
    /// The origin at `index` is in the list twice.
    #[error("it is listed twice")]
    Duplicate {
        /// The place in the list, from 0.
        index: usize,
    },
}

/// Why the settings stayed as they were.
#[derive(Debug, Error)]
pub(super) enum UpdateSettingsError {
    /// The credential's tenant does not exist.
    #[error("no such tenant")]
    NotFound,
    /// The settings have changed since the editor read them.
    #[error("the settings have changed")]
    Stale,
    /// No week can be made of the new schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A list of origins was refused.
    #[error("{1}")]
    Origins(OriginList, OriginListError),
    /// The database failed, and the settings stay as they were.
    #[error("database")]
    Db(#[from] DbError),
}

/// Changes the settings of the editor's tenant. Weeks that are open or locked stay as they are; a new
/// schedule is published for the weeks to come.
///
/// Fails with [`UpdateSettingsError`] when the settings have changed, or a new one is refused.
pub(super) async fn update_settings(
    ctx: &Authorized<SettingsWrite>,
    admin: &Admin,
    update: UpdateSettings,
) -> Result<Tenant, UpdateSettingsError> {
    let input = (ctx.clone(), update);
    let updated = admin
        .db()
        .transaction(ctx, input, async |tx, (ctx, update)| update_within(&ctx, &tx, &update).await);
    let tenant = updated.await?;
    admin.ports().forget(tenant.id);
    Ok(tenant)
}

async fn update_within(
    ctx: &Authorized<SettingsWrite>,
    tx: &TenantTx,
    update: &UpdateSettings,
) -> Result<Tenant, UpdateSettingsError> {
    let before = lock_tenant(tx).await?.ok_or(UpdateSettingsError::NotFound)?;
    if before.version != update.version {
        return Err(UpdateSettingsError::Stale);
    }
    let after = updated(&before, update)?;
    if after == before {
        return Ok(before);
    }
    let tenant = save_tenant(ctx, tx, &before, after).await?;
    let rescheduled = tenant.schedule != before.schedule;
    if rescheduled {
        let changed = Fact::ScheduleChanged(ScheduleChanged { changed_at: ctx.at() });
        changed.publish(ctx, tx).await?;
    }
    let entry = AuditEntry::of(ctx, "settings.changed", "tenant", tenant.id).details(json!({
        "schedule": rescheduled.then_some(tenant.schedule),
        "origins": (tenant.origins != before.origins).then(|| tenant.origins.allowed()),
        "return_origins": tenant.origins.returns.iter().map(Origin::as_str).collect::<Vec<_>>(),
    }));
    bk_audit::append(tx, entry).await?;
    Ok(tenant)
}

fn updated(before: &Tenant, update: &UpdateSettings) -> Result<Tenant, UpdateSettingsError> {
    let mut tenant = before.clone();
    tenant.schedule = rescheduled(before.schedule, &update.schedule)?;
    let OriginsChange { client, admin, site, returns } = &update.origins;
    replace(&mut tenant.origins.client, OriginList::Client, client.as_deref())?;
    replace(&mut tenant.origins.admin, OriginList::Admin, admin.as_deref())?;
    replace(&mut tenant.origins.site, OriginList::Site, site.as_deref())?;
    replace(&mut tenant.origins.returns, OriginList::Returns, returns.as_deref())?;
    tenant.setup = TenantSetup::Complete;
    Ok(tenant)
}

fn rescheduled(
    now: WeeklySchedule,
    change: &ScheduleChange,
) -> Result<WeeklySchedule, ScheduleError> {
    WeeklySchedule::parse(
        change.time_zone.as_deref().unwrap_or(now.time_zone().name()),
        change.window_opens.as_deref().unwrap_or(&now.window_opens().to_string()),
        change.window_closes.as_deref().unwrap_or(&now.window_closes().to_string()),
        change.cutoff.as_deref().unwrap_or(&now.cutoff().to_string()),
    )
}

fn replace(
    now: &mut Vec<Origin>,
    list: OriginList,
    requested: Option<&[String]>,
) -> Result<(), UpdateSettingsError> {
    if let Some(requested) = requested {
        *now = parse_origins(requested).map_err(|why| UpdateSettingsError::Origins(list, why))?;
    }
    Ok(())
}

fn parse_origins(texts: &[String]) -> Result<Vec<Origin>, OriginListError> {
    if texts.len() > MAX_ORIGINS {
        return Err(OriginListError::TooMany);
    }
    let mut origins = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let origin = Origin::parse(text).map_err(|why| OriginListError::Origin { index, why })?;
        if origins.contains(&origin) {
            return Err(OriginListError::Duplicate { index });
        }
        origins.push(origin);
    }
    Ok(origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_at_most_twenty_different_origins() {
        let many =
            |n: usize| -> Vec<_> { (0..n).map(|i| format!("https://a{i}.example")).collect() };
        assert_eq!(parse_origins(&many(20)).map(|list| list.len()), Ok(20));
        assert_eq!(parse_origins(&many(21)), Err(OriginListError::TooMany));
        let twice = ["https://a.example".to_owned(), "https://a.example".to_owned()];
        assert_eq!(parse_origins(&twice), Err(OriginListError::Duplicate { index: 1 }));
    }
}
