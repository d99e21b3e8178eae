//! Events arrive in order, once, and a failure holds back its own aggregate only.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use bk_kernel::{Clock, OperationContext, Principal, TenantId};
use bk_persistence::{
    Database, DbError, EventHandler, HandlerError, OutboxEvent, TenantTx,
    outbox::{self, Backlog, Relay},
    sea_orm::ConnectionTrait,
};
use bk_testing::TestDb;
use chrono::TimeDelta;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::notebook::{add_note, database, rows, system, visible};

/// Remembers what it saw, writes a note per event, and fails on request.
#[derive(Default)]
struct Recorder {
    seen: Mutex<Vec<String>>,
    contexts: Mutex<Vec<OperationContext>>,
    failing: Mutex<BTreeSet<String>>,
    handled: tokio::sync::Notify,
}

#[async_trait]
impl EventHandler for Recorder {
    fn consumer(&self) -> &'static str {
        "recorder"
    }

    async fn handle(
        &self,
        ctx: &OperationContext,
        tx: &TenantTx,
        event: &OutboxEvent,
    ) -> Result<(), HandlerError> {
        // The effect comes first, so that a failure has something to undo.
        add_note(tx, Uuid::now_v7(), event.payload["n"].as_i64().unwrap()).await?;
        if self.failing.lock().unwrap().contains(&event.kind) {
            return Err(HandlerError::new("not now"));
        }
        self.seen.lock().unwrap().push(event.kind.clone());
        self.contexts.lock().unwrap().push(ctx.clone());
        self.handled.notify_one();
        Ok(())
    }
}

/// Fails once, after the recorder has done its part.
#[derive(Default)]
struct Flaky(AtomicBool);

#[async_trait]
impl EventHandler for Flaky {
    fn consumer(&self) -> &'static str {
        "flaky"
    }

    async fn handle(
        &self,
        _: &OperationContext,
        _: &TenantTx,
        _: &OutboxEvent,
    ) -> Result<(), HandlerError> {
        assert!(self.0.swap(true, Ordering::Relaxed), "a handler may even panic");
        Ok(())
    }
}

struct Setting {
    db: TestDb,
    clock: Clock,
    tenant: TenantId,
    recorder: Arc<Recorder>,
}

impl Setting {
    async fn new() -> Self {
        let db = database(4).await;
        let clock = Clock::starting_at("2026-11-27T02:00:00Z".parse().unwrap());
        let recorder = Arc::<Recorder>::default();
        Self { db, clock, tenant: TenantId::new(), recorder }
    }

    fn relay(&self) -> Relay {
        self.relay_with(vec![self.recorder.clone()])
    }

    fn relay_with(&self, handlers: Vec<Arc<dyn EventHandler>>) -> Relay {
        Relay::new(self.db.worker.clone(), handlers, self.clock.clone())
    }

    async fn publish(&self, aggregate: &'static str, kind: &'static str) {
        publish(&self.db.app, self.tenant, &self.clock, aggregate, kind).await;
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.recorder.seen.lock().unwrap())
    }

    fn fail_at(&self, kinds: &[&str]) {
        *self.recorder.failing.lock().unwrap() = kinds.iter().map(ToString::to_string).collect();
    }

    async fn backlog(&self) -> Backlog {
        let backlog = async |tx: TenantTx, ()| outbox::backlog(&tx).await;
        self.db.worker.read(&system(self.tenant), (), backlog).await.unwrap()
    }

    fn later(&self, by: TimeDelta) {
        self.clock.move_to(self.clock.now() + by);
    }
}

async fn publish(
    app: &Database,
    tenant: TenantId,
    clock: &Clock,
    aggregate: &'static str,
    kind: &'static str,
) {
    let ctx = system(tenant).later(clock.now());
    let append = app.transaction(&ctx, (ctx.clone(), aggregate, kind), async |tx, event| {
        let (ctx, aggregate, kind) = event;
        outbox::append(&ctx, &tx, aggregate, kind, &json!({"n": 1})).await
    });
    append.await.unwrap();
}

#[tokio::test]
async fn events_arrive_in_order_and_once() {
    let at = Setting::new().await;
    for kind in ["one", "two", "three"] {
        at.publish("order:1", kind).await;
    }
    let relay = at.relay();
    assert_eq!(relay.drain_once().await.unwrap(), 3);
    assert_eq!(at.seen(), ["one", "two", "three"]);
    assert_eq!(relay.drain_once().await.unwrap(), 0);
    assert_eq!(at.backlog().await, Backlog { pending: 0, dead: 0 });
    assert_eq!(rows(&at.db, "notes").await, 3);
}

#[tokio::test]
async fn what_was_rolled_back_was_never_published() {
    let at = Setting::new().await;
    let ctx = system(at.tenant);
    let failed = at.db.app.transaction(&ctx, ctx.clone(), async |tx, ctx| {
        outbox::append(&ctx, &tx, "order:1", "one", &json!({"n": 1})).await?;
        Err::<(), _>(DbError::other("changed my mind"))
    });
    assert!(failed.await.is_err());
    assert_eq!(at.relay().drain_once().await.unwrap(), 0);
    assert_eq!(rows(&at.db, "outbox").await + rows(&at.db, "outbox_wake").await, 0);
}

#[tokio::test]
async fn a_failure_holds_back_its_aggregate_and_no_other() {
    let at = Setting::new().await;
    at.fail_at(&["bad"]);
    for (aggregate, kind) in
        [("order:1", "bad"), ("order:1", "after"), ("order:2", "other"), ("order:2", "another")]
    {
        at.publish(aggregate, kind).await;
    }
    let relay = at.relay();
    assert_eq!(relay.drain_once().await.unwrap(), 2);
    assert_eq!(at.seen(), ["other", "another"]);
    assert_eq!(rows(&at.db, "notes").await, 2, "the failed handler's effect is undone");

    at.fail_at(&[]);
    assert_eq!(relay.drain_once().await.unwrap(), 0, "it is not time yet");
    at.later(TimeDelta::seconds(5));
    assert_eq!(relay.drain_once().await.unwrap(), 2);
    assert_eq!(at.seen(), ["bad", "after"]);
}

#[tokio::test]
async fn after_ten_failures_an_event_is_dead_until_revived() {
    let at = Setting::new().await;
    at.fail_at(&["bad"]);
    at.publish("order:1", "bad").await;
    at.publish("order:1", "after").await;
    let relay = at.relay();
    for _ in 0..10 {
        assert_eq!(at.backlog().await.dead, 0);
        relay.drain_once().await.unwrap();
        at.later(TimeDelta::hours(2));
    }
    assert_eq!(at.backlog().await, Backlog { pending: 1, dead: 1 });
    let (event, why, attempts): (Uuid, String, i32) =
        sqlx::query_as("SELECT id, last_error, attempts FROM outbox WHERE status = 'DEAD'")
            .fetch_one(&at.db.admin)
            .await
            .unwrap();
    assert_eq!((why.as_str(), attempts), ("recorder: not now", 10));
    at.fail_at(&[]);
    assert_eq!(relay.sweep_once().await.unwrap() + relay.drain_once().await.unwrap(), 0);

    let revive = async |tx: TenantTx, event| outbox::revive(&tx, event).await;
    assert!(at.db.worker.transaction(&system(at.tenant), event, revive).await.unwrap());
    assert_eq!(relay.drain_once().await.unwrap(), 2);
    assert_eq!(at.seen(), ["bad", "after"]);
}

#[tokio::test]
async fn a_handler_that_had_the_event_does_not_get_it_again_because_another_failed() {
    let at = Setting::new().await;
    at.publish("order:1", "one").await;
    let relay = at.relay_with(vec![at.recorder.clone(), Arc::<Flaky>::default()]);
    assert_eq!(relay.drain_once().await.unwrap(), 0);
    at.later(TimeDelta::seconds(5));
    assert_eq!(relay.drain_once().await.unwrap(), 1);
    assert_eq!(at.seen(), ["one"]);
    assert_eq!(rows(&at.db, "notes").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_relays_deliver_each_event_once_and_in_order() {
    let at = Setting::new().await;
    let kinds = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for kind in kinds {
        at.publish("order:1", kind).await;
    }
    let relays = [at.relay(), at.relay(), at.relay()];
    while at.backlog().await.pending > 0 {
        futures::future::join_all(
            relays.iter().map(|relay| async { relay.drain_once().await.unwrap() }),
        )
        .await;
        at.later(TimeDelta::seconds(1));
    }
    assert_eq!(at.seen(), kinds);
    assert_eq!(rows(&at.db, "notes").await, 8);
}

#[tokio::test]
async fn lost_wake_ups_are_found_by_the_sweep_and_tenants_stay_apart() {
    let at = Setting::new().await;
    let north = at.db.tenant("north").await;
    let south = at.db.tenant("south").await;
    publish(&at.db.app, north, &at.clock, "order:1", "north").await;
    publish(&at.db.app, south, &at.clock, "order:1", "south").await;
    sqlx::query("TRUNCATE outbox_wake").execute(&at.db.admin).await.unwrap();
    let relay = at.relay();
    assert_eq!(relay.drain_once().await.unwrap(), 0);
    assert_eq!(relay.sweep_once().await.unwrap(), 2);
    for tenant in [north, south] {
        let seen = at.db.app.read(&system(tenant), (), async |tx, ()| visible(&tx).await);
        let seen = seen.await.unwrap();
        assert_eq!(seen.len(), 1);
    }
}

#[tokio::test]
async fn a_running_relay_is_woken_by_the_commit() {
    let at = Setting::new().await;
    let relay = Arc::new(at.relay());
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (relay, stop) = (Arc::clone(&relay), stop.clone());
        async move { relay.run(stop).await }
    });
    at.publish("order:1", "one").await;
    at.recorder.handled.notified().await;
    at.publish("order:1", "two").await;
    at.recorder.handled.notified().await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(at.seen(), ["one", "two"]);
}

#[tokio::test]
async fn delivered_events_are_pruned_with_their_marks() {
    let at = Setting::new().await;
    at.publish("order:1", "one").await;
    at.relay().drain_once().await.unwrap();
    at.publish("order:1", "two").await;
    let before = at.clock.now() + TimeDelta::days(1);
    let prune = async |tx: TenantTx, before| outbox::prune(&tx, before, 100).await;
    let pruned = at.db.worker.transaction(&system(at.tenant), before, prune).await.unwrap();
    assert_eq!(pruned, 1);
    assert_eq!(rows(&at.db, "outbox_consumed").await, 0);
    assert_eq!(at.backlog().await.pending, 1);
}

#[tokio::test]
async fn an_event_is_handled_in_its_tenants_name_under_the_request_that_caused_it() {
    let at = Setting::new().await;
    let now = at.clock.now();
    let ctx = system(at.tenant).later(now);
    for kind in ["one", "old"] {
        let append = at.db.app.transaction(&ctx, (ctx.clone(), kind), async |tx, (ctx, kind)| {
            outbox::append(&ctx, &tx, "order:1", kind, &json!({"n": 1})).await
        });
        append.await.unwrap();
    }
    // The version before stored events that no request had caused.
    let forget = "UPDATE outbox SET request_id = NULL WHERE kind = 'old'";
    sqlx::query(forget).execute(&at.db.admin).await.unwrap();
    at.later(TimeDelta::minutes(1));
    at.relay().drain_once().await.unwrap();
    let contexts = at.recorder.contexts.lock().unwrap();
    for context in &*contexts {
        assert_eq!((context.tenant_id(), context.principal()), (at.tenant, &Principal::System));
        assert!(context.at() >= now + TimeDelta::minutes(1));
    }
    assert_eq!(contexts[0].request_id(), ctx.request_id());
    assert_ne!(contexts[1].request_id(), ctx.request_id());
}

#[tokio::test]
async fn an_event_whose_handler_loses_to_a_concurrent_transaction_is_handled_again_at_once() {
    /// Loses once.
    #[derive(Default)]
    struct Unlucky(AtomicBool);

    #[async_trait]
    impl EventHandler for Unlucky {
        fn consumer(&self) -> &'static str {
            "unlucky"
        }

        async fn handle(
            &self,
            _: &OperationContext,
            tx: &TenantTx,
            _: &OutboxEvent,
        ) -> Result<(), HandlerError> {
            add_note(tx, Uuid::now_v7(), 1).await?;
            if !self.0.swap(true, Ordering::Relaxed) {
                let lose = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END $$";
                tx.execute_unprepared(lose).await?;
            }
            Ok(())
        }
    }

    let at = Setting::new().await;
    at.publish("order:1", "one").await;
    let relay = at.relay_with(vec![Arc::<Unlucky>::default()]);
    assert_eq!(relay.drain_once().await.unwrap(), 1);
    assert_eq!(rows(&at.db, "notes").await, 1);
}
