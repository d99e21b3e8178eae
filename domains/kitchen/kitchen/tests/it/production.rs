//! Locking in a database, over the demo kitchen.

use crate::fixture::demo::{DemoKitchen, wednesday};
use std::sync::Arc;

use bk_kernel::{
    Actor, ActorKind, Authorized, OperationContext, RequestId, SessionId, SessionRef,
    permission::Permission as _,
};
use bk_kitchen_catalogue::load_snapshot;
use bk_kitchen_core::{
    MealSize,
    permissions::{OwnOrdersWrite, ProductionRead},
};
use bk_kitchen_ordering::{
    orders::{
        ConfirmOrder, ConfirmOrderError, LineRequest, OrderLines, OrderState, confirm_order,
        replace_lines,
    },
    weeks::{self, OrderWeek},
};
use bk_kitchen_production::{
    GetPlansError, LockWeekError, LockedWeek, WeekPlans, get_plans, lock_due_weeks, lock_week,
};
use bk_persistence::{
    DbError, TenantTx,
    jobs::{JobContext, JobError},
};
use chrono::{DateTime, TimeDelta, Utc};

const OPEN_WEEK: &str = "2026-W49";

/// What a customer orders: meals of a size that their packs hold.
#[derive(Clone, Copy)]
struct Wish {
    login: &'static str,
    size: MealSize,
    dish: &'static str,
    meals: i32,
}

/// 20 meals of 300 g, no preferences.
const ONE: Wish =
    Wish { login: "client1", size: MealSize::G300, dish: "lemon_herb_chicken", meals: 6 };
/// 27 meals of 400 g.
const TWO: Wish =
    Wish { login: "client2", size: MealSize::G400, dish: "smoky_beef_chilli", meals: 5 };
/// 13 meals of 300 g.
const THREE: Wish =
    Wish { login: "client3", size: MealSize::G300, dish: "lemon_herb_chicken", meals: 3 };

impl DemoKitchen {
    async fn open_week(&self) -> OrderWeek {
        let name = OPEN_WEEK.parse().unwrap();
        let scope = self.kitchen.tenant(self.tenant);
        let week = scope.read(move |tx| async move { weeks::week_by_name(&tx, name).await });
        week.await.unwrap().unwrap()
    }

    fn actor(&self, login: &str, permission: &'static str) -> Actor {
        Actor {
            kind: ActorKind::Client,
            tenant_id: self.tenant,
            user_id: self.people.client_users[login],
            session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
            roles: Vec::new(),
            permissions: [permission].into_iter().collect(),
        }
    }

    /// The operation of a customer who may order.
    fn ordering(&self, login: &str, at: DateTime<Utc>) -> Authorized<OwnOrdersWrite> {
        let actor = Arc::new(self.actor(login, OwnOrdersWrite::DEF.key));
        Authorized::check(OperationContext::of_actor(actor, RequestId::new(), at)).unwrap()
    }

    /// The job, as it runs at an instant.
    async fn lock_due_weeks(&self, at: DateTime<Utc>) -> Result<(), JobError> {
        let job = JobContext::new("weeks.lock", None, RequestId::new(), at);
        lock_due_weeks(self.kitchen.catalogue(), &job).await
    }

    async fn draft(&self, wish: Wish, at: DateTime<Utc>) {
        let ctx = self.ordering(wish.login, at);
        let work = move |tx: TenantTx| async move {
            let snapshot = load_snapshot(&tx).await?;
            let dish = snapshot.dishes.values().find(|dish| dish.entry.key == wish.dish).unwrap();
            let (dish_id, size, quantity) = (dish.dish.id, wish.size, wish.meals);
            let lines = OrderLines::new(&[LineRequest { dish_id, size, quantity }]).unwrap();
            replace_lines(&ctx, &tx, &snapshot, lines).await.unwrap();
            Ok::<_, DbError>(())
        };
        self.kitchen.tenant(self.tenant).run(work).await.unwrap();
    }

    async fn confirm(
        &self,
        wish: Wish,
        at: DateTime<Utc>,
    ) -> Result<OrderState, ConfirmOrderError> {
        let ctx = self.ordering(wish.login, at);
        let work = move |tx: TenantTx| async move {
            let snapshot = load_snapshot(&tx).await?;
            let confirmed = confirm_order(&ctx, &tx, &snapshot, ConfirmOrder::default()).await;
            confirmed.map(|view| view.order.state)
        };
        self.kitchen.tenant(self.tenant).run(work).await
    }

    async fn order(&self, wish: Wish, at: DateTime<Utc>) {
        self.draft(wish, at).await;
        self.confirm(wish, at).await.unwrap();
    }

    async fn lock(&self, at: DateTime<Utc>) -> Result<LockedWeek, LockWeekError> {
        let ctx = Authorized::check(self.operation(at)).unwrap();
        let work = move |tx: TenantTx| async move {
            let snapshot = load_snapshot(&tx).await?;
            lock_week(&ctx, &tx, &snapshot, OPEN_WEEK.parse().unwrap()).await
        };
        self.kitchen.tenant(self.tenant).run(work).await
    }

    async fn plans(&self) -> Result<WeekPlans, GetPlansError> {
        let ctx = Authorized::check(self.operation(wednesday())).unwrap();
        let get = async |tx, ctx: Authorized<ProductionRead>| {
            get_plans(&ctx, &tx, OPEN_WEEK.parse().unwrap()).await
        };
        self.kitchen.state().db().read(&ctx, ctx.clone(), get).await
    }

    /// States of the open week's orders, by customer reference.
    async fn states(&self) -> Vec<(String, String)> {
        let states = self.db.pairs(format!(
            "SELECT a.reference, o.state FROM kitchen_orders o
               JOIN kitchen_accounts a ON a.id = o.account_id
               JOIN kitchen_order_weeks w ON w.id = o.week_id
              WHERE w.week = '{OPEN_WEEK}' ORDER BY a.reference",
        ));
        states.await
    }
}

fn states(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test]
async fn before_the_cutoff_nothing_is_locked_and_there_are_no_sheets() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let cutoff_at = demo.open_week().await.times.cutoff_at;
    let early = demo.lock(cutoff_at - TimeDelta::microseconds(1)).await;
    assert!(matches!(early, Err(LockWeekError::TooEarly { cutoff_at: at }) if at == cutoff_at));
    let none = demo.plans().await;
    assert!(matches!(none, Err(GetPlansError::NotLocked { cutoff_at: at }) if at == cutoff_at));
}

#[tokio::test]
async fn at_the_cutoff_confirmed_orders_lock_drafts_end_and_the_plan_is_frozen() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let week = demo.open_week().await.times;
    demo.order(ONE, week.opens_at).await;
    demo.order(TWO, week.opens_at).await;
    demo.draft(THREE, week.opens_at).await;
    let locked = demo.lock(week.cutoff_at).await.unwrap();
    assert_eq!((locked.orders, locked.meals), (2, 11));
    let expected = [("A-0001", "LOCKED"), ("A-0002", "LOCKED"), ("A-0003", "CANCELLED")];
    assert_eq!(demo.states().await, states(&expected));
    let found = demo.plans().await.unwrap();
    let plan = &found.plans[0].plan;
    // Order lines, plan, labels and boxes are the same meals.
    let packed = plan.packing.iter().flat_map(|list| &list.meals).map(|row| row.meals);
    assert_eq!((plan.number, plan.total_meals(), plan.labels.len()), (0, 11, 11));
    assert_eq!(packed.sum::<i32>(), 11);
    // Monday 30 November in Brisbane, which in UTC is still Sunday.
    assert_eq!(plan.production_date.to_string(), "2026-11-30");
    assert!(!plan.requirements.is_empty() && !plan.purchasing.is_empty());
    let missed = "SELECT count(*) FROM kitchen_order_events
        WHERE kind = 'CANCELLED' AND reason = 'WINDOW_MISSED'";
    assert_eq!(demo.count(missed).await, 1);
    let facts = "SELECT count(*) FROM outbox WHERE kind = 'week_locked'";
    assert_eq!(demo.count(facts).await, 2);
}

#[tokio::test]
async fn what_was_locked_never_changes_again() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let week = demo.open_week().await.times;
    demo.order(ONE, week.opens_at).await;
    let first = demo.lock(week.cutoff_at).await.unwrap();
    let before = demo.plans().await.unwrap();
    let again = demo.lock(week.cutoff_at + TimeDelta::hours(6)).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(demo.plans().await.unwrap(), before);
    let late = demo.confirm(ONE, week.cutoff_at).await;
    assert!(matches!(late, Err(ConfirmOrderError::NotFound | ConfirmOrderError::WindowClosed)));
}

#[tokio::test]
async fn of_many_lockers_at_once_one_does_it() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let week = demo.open_week().await.times;
    demo.order(ONE, week.opens_at).await;
    let at = week.cutoff_at;
    let (a, b, c, d) = tokio::join!(demo.lock(at), demo.lock(at), demo.lock(at), demo.lock(at));
    let first = a.unwrap();
    for other in [b, c, d] {
        assert_eq!(other.unwrap(), first);
    }
    // The demo's past week has one of each as well.
    for table in [
        "SELECT count(*) FROM kitchen_production_plans",
        "SELECT count(*) FROM outbox WHERE kind = 'week_locked'",
        "SELECT count(*) FROM audit_entries WHERE action = 'week.locked'",
    ] {
        assert_eq!(demo.count(table).await, 2, "{table}");
    }
}

#[tokio::test]
async fn a_confirm_at_the_last_moment_is_locked_whole_or_missed_whole() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let week = demo.open_week().await.times;
    for wish in [ONE, TWO, THREE] {
        demo.draft(wish, week.opens_at).await;
    }
    let last = week.closes_at - TimeDelta::microseconds(1);
    let (_, _, _, locked) = tokio::join!(
        demo.confirm(ONE, last),
        demo.confirm(TWO, last),
        demo.confirm(THREE, last),
        demo.lock(week.cutoff_at),
    );
    let consumed = demo
        .count(
            "SELECT coalesce(-sum(e.delta), 0) FROM kitchen_pack_events e
               JOIN kitchen_orders o ON o.id = e.order_id
               JOIN kitchen_order_weeks w ON w.id = o.week_id WHERE w.week = '2026-W49'",
        )
        .await;
    assert_eq!(locked.unwrap().meals, consumed);
    for (reference, state) in demo.states().await {
        assert!(state == "LOCKED" || state == "CANCELLED", "{reference} is {state}");
    }
}

#[tokio::test]
async fn a_worker_that_was_away_catches_up_with_every_week_once() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let week = demo.open_week().await.times;
    demo.order(ONE, week.opens_at).await;
    let clock = &demo.kitchen.state().deps().clock;
    let back_at_work = wednesday() + TimeDelta::days(22);
    clock.move_to(back_at_work);
    demo.lock_due_weeks(back_at_work).await.unwrap();
    let plans = "SELECT count(*) FROM kitchen_production_plans";
    // The past week, and those with cutoffs on 30 November, 7 and 14 December.
    assert_eq!(demo.count(plans).await, 4);
    demo.lock_due_weeks(back_at_work).await.unwrap();
    assert_eq!(demo.count(plans).await, 4);
    let due = "SELECT count(*) FROM kitchen_order_weeks WHERE locked_at IS NOT NULL";
    assert_eq!(demo.count(due).await, 4);
}
