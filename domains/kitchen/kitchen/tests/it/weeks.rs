//! Weeks: generated ahead, kept once open, moved with the schedule before.

use bk_contracts::facts::{Fact, ScheduleChanged};
use bk_guard::Domain as _;
use bk_kernel::{OperationContext, RequestId};
use bk_kitchen_ordering::weeks::{WEEKS_AHEAD, generate_all_weeks, generate_weeks_of_tenant};
use bk_persistence::{
    TenantTx,
    jobs::{JobContext, JobError},
    outbox::Relay,
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;

use crate::fixture::{Fixture, WEEK, fakes::standard_schedule, friday, opening};

/// Name, opening, close and cutoff of every week, in calendar order.
async fn stored(kitchen: &Fixture) -> Vec<(String, [DateTime<Utc>; 3])> {
    let sql = "SELECT week, opens_at, closes_at, cutoff_at FROM kitchen_order_weeks ORDER BY week";
    let rows = sqlx::query(sql).fetch_all(&kitchen.db.admin).await.unwrap();
    rows.iter().map(|row| (row.get(0), [row.get(1), row.get(2), row.get(3)])).collect()
}

async fn generate(kitchen: &Fixture, now: DateTime<Utc>) {
    kitchen.kitchen.state().deps().clock.move_to(now);
    let ctx = OperationContext::system(kitchen.tenant, RequestId::new(), now);
    let input = (ctx.clone(), kitchen.kitchen.clone());
    let db = kitchen.kitchen.catalogue().db();
    db.transaction(&ctx, input, async |tx, (ctx, kitchen)| {
        generate_weeks_of_tenant(&ctx, &tx, kitchen.state()).await
    })
    .await
    .unwrap();
}

/// The job, as it runs at an instant.
async fn run_job(kitchen: &Fixture, at: DateTime<Utc>) -> Result<(), JobError> {
    let job = JobContext::new("weeks.generate", None, RequestId::new(), at);
    generate_all_weeks(kitchen.kitchen.state(), &job).await
}

#[tokio::test]
async fn nine_weeks_exist_and_their_windows_follow_the_clock_change() {
    let kitchen = Fixture::empty("test").await;
    kitchen
        .tenants
        .change("test", |settings| settings.schedule = standard_schedule("Australia/Sydney"));
    generate(&kitchen, "2026-09-16T00:00:00Z".parse().unwrap()).await;
    let weeks = stored(&kitchen).await;
    assert_eq!(weeks.len(), WEEKS_AHEAD + 1);
    assert_eq!((weeks[0].0.as_str(), weeks[8].0.as_str()), ("2026-W39", "2026-W47"));
    for (name, [opens_at, closes_at, cutoff_at]) in &weeks {
        let hours = if name == "2026-W41" { 59 } else { 60 };
        assert_eq!((*closes_at - *opens_at).num_hours(), hours, "{name}");
        assert_eq!((*cutoff_at - *closes_at).num_hours(), 9, "{name}");
    }
    let changed = weeks.iter().find(|(name, _)| name == "2026-W41").unwrap();
    assert_eq!(changed.1[0], "2026-10-02T02:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(changed.1[1], "2026-10-04T13:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn generating_again_or_at_once_changes_nothing_and_a_later_run_adds_what_is_missing() {
    let kitchen = Fixture::empty("test").await;
    tokio::join!(
        generate(&kitchen, friday()),
        generate(&kitchen, friday()),
        generate(&kitchen, friday()),
    );
    let first = stored(&kitchen).await;
    assert_eq!(first.len(), WEEKS_AHEAD + 1);
    generate(&kitchen, friday()).await;
    assert_eq!(stored(&kitchen).await, first);
    generate(&kitchen, friday() + TimeDelta::days(14)).await;
    let later = stored(&kitchen).await;
    assert_eq!((later.len(), &later[..9]), (WEEKS_AHEAD + 3, &first[..]));
}

#[tokio::test]
async fn a_new_schedule_leaves_open_locked_and_ordered_weeks_as_they_are() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer("sam").await;
    // An account has an order in W51 already; W48 is locked.
    generate(&kitchen, opening() - TimeDelta::days(7)).await;
    kitchen
        .sql("UPDATE kitchen_order_weeks SET locked_at = cutoff_at WHERE week = '2026-W48'")
        .await;
    let ordered = kitchen.week("2026-W51").await.id;
    kitchen
        .sql(&format!(
            "INSERT INTO kitchen_orders (tenant_id, id, account_id, week_id, state, created_at, updated_at)
             VALUES ('{}', gen_random_uuid(), '{}', '{}', 'DRAFT', now(), now())",
            kitchen.tenant.uuid(),
            sam.account.id.uuid(),
            ordered.uuid()
        ))
        .await;
    let before = stored(&kitchen).await;
    kitchen
        .tenants
        .change("test", |settings| settings.schedule = standard_schedule("Australia/Sydney"));
    kitchen.kitchen.state().deps().clock.move_to(friday());
    // The worker learns of it.
    let fact = Fact::ScheduleChanged(ScheduleChanged { changed_at: friday() });
    let ctx = OperationContext::system(kitchen.tenant, RequestId::new(), friday());
    let publish =
        async |tx: TenantTx, (ctx, fact): (OperationContext, Fact)| fact.publish(&ctx, &tx).await;
    kitchen.db.app.transaction(&ctx, (ctx.clone(), fact), publish).await.unwrap();
    let clock = kitchen.kitchen.state().deps().clock.clone();
    let relay = Relay::new(kitchen.db.worker.clone(), kitchen.kitchen.fact_handlers(), clock);
    assert_eq!(relay.drain_once().await.unwrap(), 1);
    let after = stored(&kitchen).await;
    let hour = TimeDelta::hours(1);
    let mut moved = Vec::new();
    for ((name, was), (same, is)) in before.iter().zip(&after) {
        assert_eq!(name, same);
        if was != is {
            // Sydney is an hour ahead of Brisbane in summer.
            assert_eq!(is.map(|at| at + hour), *was, "{name}");
            moved.push(name.as_str());
        }
    }
    assert_eq!(before[1].0, WEEK);
    assert_eq!(
        moved,
        ["2026-W50", "2026-W52", "2026-W53", "2027-W01", "2027-W02", "2027-W03", "2027-W04"]
    );
}

#[tokio::test]
async fn a_worker_that_was_away_for_weeks_adds_the_coming_ones_once() {
    let kitchen = Fixture::empty("test").await;
    generate(&kitchen, friday()).await;
    let away = friday() + TimeDelta::days(100);
    kitchen.kitchen.state().deps().clock.move_to(away);
    run_job(&kitchen, away).await.unwrap();
    run_job(&kitchen, away).await.unwrap();
    let weeks = stored(&kitchen).await;
    let ahead = weeks.iter().filter(|(_, [_, _, cutoff_at])| *cutoff_at > away).count();
    assert_eq!(ahead, WEEKS_AHEAD + 1);
}

#[tokio::test]
async fn operators_do_not_cook() {
    let kitchen = Fixture::empty("platform").await;
    generate(&kitchen, friday()).await;
    assert_eq!(stored(&kitchen).await, []);
}
