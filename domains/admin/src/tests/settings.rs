//! Changing settings, and who hears of it.

use std::sync::Arc;

use bk_contracts::tenants::Tenants;
use bk_kernel::{Surface, TenantId};
use bk_persistence::invalidation::Hearing;

use super::kitchen::{Deployment, permit, ports};
use crate::{
    permissions::SettingsWrite,
    settings::{
        ChangeSettings, ChangeSettingsError, OriginsChange, ScheduleChange, ScheduleError,
        change_settings,
    },
    tenants::Tenant,
};

async fn change(
    bk: &Deployment,
    tenant: TenantId,
    change: ChangeSettings,
) -> Result<Tenant, ChangeSettingsError> {
    let by = bk.acting(tenant, &[]);
    change_settings(&bk.admin, permit::<SettingsWrite>(&by), by, change).await
}

fn zone(version: i64, zone: &str) -> ChangeSettings {
    let schedule = ScheduleChange { time_zone: Some(zone.to_owned()), ..Default::default() };
    ChangeSettings { version, schedule, ..Default::default() }
}

#[tokio::test]
async fn a_new_schedule_is_told_once_and_seen_at_once() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    assert_eq!(bk.zone_seen_by(&bk.ports, tenant).await, "Australia/Brisbane");

    let changed = change(&bk, tenant, zone(1, "Australia/Sydney")).await.unwrap();
    assert_eq!(changed.version, 2);
    assert_eq!(bk.zone_seen_by(&bk.ports, tenant).await, "Australia/Sydney");
    // The same again is no change.
    assert_eq!(change(&bk, tenant, zone(2, "Australia/Sydney")).await.unwrap().version, 2);
    assert_eq!(bk.told(tenant).await, ["tenant_created", "schedule_changed"]);
    assert_eq!(bk.audited(tenant).await, ["tenant.seeded", "settings.changed"]);
}

#[tokio::test]
async fn a_change_of_something_not_seen_is_refused() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    change(&bk, tenant, zone(1, "Australia/Sydney")).await.unwrap();
    let stale = change(&bk, tenant, zone(1, "Europe/Berlin")).await;
    assert!(matches!(stale, Err(ChangeSettingsError::Stale)));
    assert_eq!(bk.zone_seen_by(&bk.ports, tenant).await, "Australia/Sydney");
}

#[tokio::test]
async fn a_part_of_a_schedule_is_checked_together_with_the_rest() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let schedule = ScheduleChange { cutoff: Some("SUN 12:00".to_owned()), ..Default::default() };
    let early = ChangeSettings { version: 1, schedule, ..Default::default() };
    assert!(matches!(
        change(&bk, tenant, early).await,
        Err(ChangeSettingsError::Schedule(ScheduleError::CutoffBeforeClosing))
    ));
    assert_eq!(bk.audited(tenant).await, ["tenant.seeded"]);
}

#[tokio::test]
async fn another_instance_forgets_when_it_hears_and_reads_the_database_while_it_cannot() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let hearing = Hearing::new(true);
    let other = ports(&bk.db, hearing.clone()).await;
    assert_eq!(bk.zone_seen_by(&other, tenant).await, "Australia/Brisbane");

    change(&bk, tenant, zone(1, "Australia/Sydney")).await.unwrap();
    assert_eq!(bk.zone_seen_by(&other, tenant).await, "Australia/Brisbane", "it is cached");
    hearing.set(false);
    assert_eq!(bk.zone_seen_by(&other, tenant).await, "Australia/Sydney", "it is bypassed");
    hearing.set(true);
    let (topic, hear) = other.invalidations().remove(0);
    assert_eq!(topic, "tenant");
    Arc::clone(&hear)(&tenant.to_string());
    assert_eq!(bk.zone_seen_by(&other, tenant).await, "Australia/Sydney", "it was forgotten");

    change(&bk, tenant, zone(2, "Europe/Berlin")).await.unwrap();
    hear("");
    assert_eq!(bk.zone_seen_by(&other, tenant).await, "Europe/Berlin", "all was forgotten");
    assert!(bk.hearing.is_hearing());
}

#[tokio::test]
async fn replaced_origins_are_known_and_the_old_ones_are_not() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    assert!(bk.ports.origin_known(Surface::Client, "http://localhost:3000").await.unwrap());
    let list = vec!["https://order.greenfork.example".to_owned()];
    let origins = OriginsChange { client: Some(list.clone()), ..Default::default() };
    change(&bk, tenant, ChangeSettings { version: 1, origins, ..Default::default() })
        .await
        .unwrap();
    assert!(!bk.ports.origin_known(Surface::Client, "http://localhost:3000").await.unwrap());
    assert!(bk.ports.origin_known(Surface::Client, &list[0]).await.unwrap());
    assert_eq!(bk.ports.settings(tenant).await.unwrap().unwrap().origins.client, list);
    assert_eq!(bk.told(tenant).await, ["tenant_created"], "the schedule has not changed");
}
