//! Changing the schedule and the origins of a tenant.

use bk_contracts::facts::{Fact, ScheduleChanged};
use bk_kernel::Permit;
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{Origin, OriginError, Schedule, ScheduleError};
use crate::{
    Admin,
    acting::Acting,
    permissions::SettingsWrite,
    tenants::{Setup, Tenant, lock_own, save_settings},
};

/// The most origins of one list.
pub(crate) const MOST_ORIGINS: usize = 20;

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangeSettings {
    /// The version the editor has read.
    pub(crate) version: i64,
    pub(crate) schedule: ScheduleChange,
    pub(crate) origins: OriginsChange,
}

/// The schedule's part of a change, as the editor wrote it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScheduleChange {
    pub(crate) time_zone: Option<String>,
    pub(crate) window_opens: Option<String>,
    pub(crate) window_closes: Option<String>,
    pub(crate) cutoff: Option<String>,
}

/// The origins' part of a change, as the editor wrote it. A list replaces the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct OriginsChange {
    pub(crate) client: Option<Vec<String>>,
    pub(crate) admin: Option<Vec<String>>,
    pub(crate) site: Option<Vec<String>>,
    pub(crate) returns: Option<Vec<String>>,
}

/// A list of origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginList {
    Client,
    Admin,
    Site,
    Returns,
}

/// Why a list of origins was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum OriginListError {
    /// More than [`MOST_ORIGINS`].
    #[error("at most 20 origins")]
    TooMany,
    /// The one at `index` is no origin a tenant may admit.
    #[error("{why}")]
    Origin {
        /// Its place, from 0.
        index: usize,
        /// What is wrong with it.
        why: OriginError,
    },
    /// The one at `index` stands there already.
    #[error("it is listed twice")]
    Duplicate {
        /// Its place, from 0.
        index: usize,
    },
}

/// Why the settings stayed as they were.
#[derive(Debug, Error)]
pub(crate) enum ChangeSettingsError {
    /// The credential's tenant does not exist.
    #[error("no such tenant")]
    NotFound,
    /// They changed since the editor read them.
    #[error("the settings have changed")]
    Stale,
    /// No week can be made of the new schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A list of origins was refused.
    #[error("{1}")]
    Origins(OriginList, OriginListError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Changes the settings of the editor's tenant. Weeks that are open or locked stay as they are;
/// whoever generates weeks hears of a new schedule.
pub(crate) async fn change_settings(
    admin: &Admin,
    _: Permit<SettingsWrite>,
    by: Acting,
    change: ChangeSettings,
) -> Result<Tenant, ChangeSettingsError> {
    let this = admin.clone();
    let scope = admin.db().tenant(by.tenant_id());
    let changed = scope.run(move |tx| async move { apply(&this, &tx, &by, &change).await });
    let tenant = changed.await?;
    admin.ports().forget(tenant.id);
    Ok(tenant)
}

async fn apply(
    admin: &Admin,
    tx: &TenantTx,
    by: &Acting,
    change: &ChangeSettings,
) -> Result<Tenant, ChangeSettingsError> {
    let before = lock_own(tx).await?.ok_or(ChangeSettingsError::NotFound)?;
    if before.version != change.version {
        return Err(ChangeSettingsError::Stale);
    }
    let mut tenant = before.clone();
    tenant.schedule = rescheduled(before.schedule, &change.schedule)?;
    replace(&mut tenant.origins.client, OriginList::Client, change.origins.client.as_deref())?;
    replace(&mut tenant.origins.admin, OriginList::Admin, change.origins.admin.as_deref())?;
    replace(&mut tenant.origins.site, OriginList::Site, change.origins.site.as_deref())?;
    replace(&mut tenant.origins.returns, OriginList::Returns, change.origins.returns.as_deref())?;
    tenant.setup = Setup::Complete;
    if tenant == before {
        return Ok(before);
    }
    tenant.version += 1;
    tenant.updated_at = by.at;
    save_settings(tx, &tenant).await?;
    if tenant.schedule != before.schedule {
        let changed = Fact::ScheduleChanged(ScheduleChanged { changed_at: by.at });
        changed.tell(tx, Some(by.request_id), by.at).await?;
    }
    admin.ports().tell_changed(tx).await?;
    let entry = by.entry("settings.changed", "tenant", tenant.id.to_string()).details(json!({
        "schedule": (tenant.schedule != before.schedule).then(|| tenant.schedule.settings()),
        "origins": (tenant.origins != before.origins).then(|| tenant.origins.allowed()),
        "return_origins": tenant.origins.returns.iter().map(Origin::as_str).collect::<Vec<_>>(),
    }));
    bk_audit::append(tx, entry).await?;
    Ok(tenant)
}

fn rescheduled(now: Schedule, change: &ScheduleChange) -> Result<Schedule, ScheduleError> {
    let now = now.settings();
    Schedule::parse(
        change.time_zone.as_deref().unwrap_or(&now.time_zone),
        change.window_opens.as_deref().unwrap_or(&now.window_opens),
        change.window_closes.as_deref().unwrap_or(&now.window_closes),
        change.cutoff.as_deref().unwrap_or(&now.cutoff),
    )
}

fn replace(
    now: &mut Vec<Origin>,
    list: OriginList,
    wanted: Option<&[String]>,
) -> Result<(), ChangeSettingsError> {
    if let Some(wanted) = wanted {
        *now = read(wanted).map_err(|why| ChangeSettingsError::Origins(list, why))?;
    }
    Ok(())
}

fn read(texts: &[String]) -> Result<Vec<Origin>, OriginListError> {
    if texts.len() > MOST_ORIGINS {
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
        assert_eq!(read(&many(20)).map(|list| list.len()), Ok(20));
        assert_eq!(read(&many(21)), Err(OriginListError::TooMany));
        let twice = ["https://a.example".to_owned(), "https://a.example".to_owned()];
        assert_eq!(read(&twice), Err(OriginListError::Duplicate { index: 1 }));
    }
}
