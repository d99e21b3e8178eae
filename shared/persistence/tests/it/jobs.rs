//! Jobs exist exactly when the change they follow from does, and the registered handler does them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bk_kernel::{Clock, OperationContext, Principal, RequestId, TenantId};
use bk_persistence::{
    DbError,
    jobs::{
        self, JobContext, JobError, JobHandler, JobsError, NewJob, Registry, Runner, enqueue,
        for_each_tenant,
    },
};
use bk_testing::TestDb;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::notebook::system;

/// Remembers runs and payloads.
#[derive(Default)]
struct Recorder {
    seen: Mutex<Vec<Value>>,
    runs: Mutex<Vec<JobContext>>,
    handled: tokio::sync::Notify,
}

#[async_trait]
impl JobHandler for Recorder {
    async fn run(&self, job: &JobContext, payload: Value) -> Result<(), JobError> {
        self.runs.lock().unwrap().push(job.clone());
        self.seen.lock().unwrap().push(payload);
        self.handled.notify_one();
        Ok(())
    }
}

/// Fails, for good or not.
struct Failing {
    for_good: bool,
    runs: AtomicUsize,
}

#[async_trait]
impl JobHandler for Failing {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        Err(if self.for_good {
            JobError::give_up("no such oven")
        } else {
            JobError::retry("too hot")
        })
    }
}

fn runner(db: &TestDb, handler: Arc<dyn JobHandler>) -> Runner {
    let mut registry = Registry::new();
    registry.register("bake", handler);
    Runner::new(db.worker.clone(), registry, Clock::system()).unwrap()
}

async fn bake(db: &TestDb, tenant: TenantId, job: NewJob) -> Result<(), DbError> {
    db.app.transaction(&system(tenant), job, async |tx, job| enqueue(&tx, job).await).await
}

async fn waiting(db: &TestDb) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM graphile_worker._private_jobs")
        .fetch_one(&db.admin)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_job_is_done_once_with_its_payload() {
    let db = TestDb::new().await;
    let (recorder, tenant) = (Arc::<Recorder>::default(), TenantId::new());
    let payload = json!({"tenant_id": tenant, "dish": 7});
    bake(&db, tenant, NewJob::now("bake", payload.clone())).await.unwrap();
    let runner = runner(&db, recorder.clone());
    assert_eq!(runner.run_due_once().await.unwrap(), 1);
    assert_eq!(runner.run_due_once().await.unwrap(), 0);
    assert_eq!(*recorder.seen.lock().unwrap(), [payload]);
    assert_eq!(waiting(&db).await, 0);
}

#[tokio::test]
async fn a_job_of_a_rolled_back_transaction_does_not_exist() {
    let db = TestDb::new().await;
    let failed: Result<(), DbError> = db
        .app
        .transaction(&system(TenantId::new()), (), async |tx, ()| {
            enqueue(&tx, NewJob::now("bake", json!({}))).await?;
            Err(DbError::other("changed my mind"))
        })
        .await;
    let DbError::Other(why) = failed.unwrap_err() else { panic!("another error") };
    assert_eq!(why.to_string(), "changed my mind");
    assert_eq!(waiting(&db).await, 0);
}

#[tokio::test]
async fn a_tenant_cannot_enqueue_for_another_nor_replace_its_job() {
    let db = TestDb::new().await;
    let (mine, theirs) = (TenantId::new(), TenantId::new());
    let refused = bake(&db, mine, NewJob::now("bake", json!({"tenant_id": theirs}))).await;
    assert!(refused.is_err());
    for tenant in [mine, theirs, mine] {
        let job = NewJob {
            key: Some("weekly".to_owned()),
            ..NewJob::now("bake", json!({"tenant_id": tenant}))
        };
        bake(&db, tenant, job).await.unwrap();
    }
    assert_eq!(waiting(&db).await, 2);
}

#[tokio::test]
async fn a_later_job_waits_for_the_products_clock() {
    let db = TestDb::new().await;
    let recorder = Arc::<Recorder>::default();
    let clock = Clock::system();
    let mut registry = Registry::new();
    registry.register("bake", recorder.clone());
    let runner = Runner::new(db.worker.clone(), registry, clock.clone()).unwrap();
    let tomorrow = clock.now() + TimeDelta::days(1);
    let job = NewJob { run_at: Some(tomorrow), ..NewJob::now("bake", json!({})) };
    db.app.global(async move |tx| enqueue(&tx, job).await).await.unwrap();
    assert_eq!(runner.run_due_once().await.unwrap(), 0);
    clock.move_to(tomorrow);
    assert_eq!(runner.run_due_once().await.unwrap(), 1);
}

#[tokio::test]
async fn a_failed_job_waits_and_comes_again() {
    let db = TestDb::new().await;
    let failing = Arc::new(Failing { for_good: false, runs: AtomicUsize::new(0) });
    bake(&db, TenantId::new(), NewJob::now("bake", json!({}))).await.unwrap();
    runner(&db, failing.clone()).run_due_once().await.unwrap();
    let (attempts, why, waits): (i16, String, bool) = sqlx::query_as(
        "SELECT attempts, last_error, run_at > now() FROM graphile_worker._private_jobs",
    )
    .fetch_one(&db.admin)
    .await
    .unwrap();
    assert_eq!((attempts, waits), (1, true));
    assert!(why.contains("too hot"), "{why}");
    sqlx::query("UPDATE graphile_worker._private_jobs SET run_at = now()")
        .execute(&db.admin)
        .await
        .unwrap();
    runner(&db, failing.clone()).run_due_once().await.unwrap();
    assert_eq!(failing.runs.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_job_that_failed_for_good_is_shown_and_can_be_given_another_chance() {
    let db = TestDb::new().await;
    let failing = Arc::new(Failing { for_good: true, runs: AtomicUsize::new(0) });
    bake(&db, TenantId::new(), NewJob::now("bake", json!({}))).await.unwrap();
    runner(&db, failing.clone()).run_due_once().await.unwrap();
    let failed = db.worker.global(async |tx| jobs::failed(&tx, 10).await).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].identifier.as_str(), failed[0].attempts), ("bake", 1));
    assert!(failed[0].last_error.as_deref().unwrap().contains("no such oven"));

    let id = failed[0].id;
    let again = db.worker.global(async move |tx| jobs::retry_failed(&tx, id).await);
    assert!(again.await.unwrap());
    let recorder = Arc::<Recorder>::default();
    assert_eq!(runner(&db, recorder).run_due_once().await.unwrap(), 1);
    assert_eq!(waiting(&db).await, 0);
}

#[tokio::test]
async fn a_running_runner_does_jobs_as_they_come_and_stops_when_cancelled() {
    let db = TestDb::new().await;
    let recorder = Arc::<Recorder>::default();
    let runner = Arc::new(runner(&db, recorder.clone()));
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (runner, stop) = (Arc::clone(&runner), stop.clone());
        async move { runner.run(stop).await }
    });
    bake(&db, TenantId::new(), NewJob::now("bake", json!({}))).await.unwrap();
    recorder.handled.notified().await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(recorder.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_schedule_stops_the_start() {
    let db = TestDb::new().await;
    for (cron, identifier) in [("* * * *", "bake"), ("61 * * * *", "bake"), ("* * * * *", "fry")] {
        let mut registry = Registry::new();
        registry.register("bake", Arc::<Recorder>::default());
        registry.schedule(cron, identifier, json!({}));
        let refused = Runner::new(db.worker.clone(), registry, Clock::system()).unwrap_err();
        assert!(matches!(refused, JobsError::Schedule { .. }), "{cron}");
    }
    let mut registry = Registry::new();
    registry.register("bake", Arc::<Recorder>::default());
    registry.schedule("*/5 0-6 * * 1", "bake", json!({"tenant_id": null}));
    Runner::new(db.worker.clone(), registry, Clock::system()).unwrap();
}

#[tokio::test]
async fn a_job_runs_under_the_request_that_enqueued_it_and_for_the_tenant_it_names() {
    let db = TestDb::new().await;
    let (recorder, tenant, request) =
        (Arc::<Recorder>::default(), TenantId::new(), RequestId::new());
    let job = NewJob::now("bake", json!({"tenant_id": tenant})).caused_by(request);
    bake(&db, tenant, job).await.unwrap();
    let clock = Clock::starting_at("2026-11-27T02:00:00Z".parse().unwrap());
    let began = clock.now();
    let mut registry = Registry::new();
    registry.register("bake", recorder.clone());
    Runner::new(db.worker.clone(), registry, clock.clone()).unwrap().run_due_once().await.unwrap();
    let runs = recorder.runs.lock().unwrap();
    let operation = runs[0].operation().unwrap();
    assert_eq!((operation.tenant_id(), operation.request_id()), (tenant, request));
    assert_eq!(*operation.principal(), Principal::System);
    assert!(operation.at() >= began && operation.at() <= clock.now());
}

#[tokio::test]
async fn a_job_of_no_request_and_no_tenant_names_its_own_run_and_has_no_operation() {
    let db = TestDb::new().await;
    let recorder = Arc::<Recorder>::default();
    for _ in 0..2 {
        let job = NewJob::now("bake", json!({}));
        db.app.global(async move |tx| enqueue(&tx, job).await).await.unwrap();
    }
    runner(&db, recorder.clone()).run_due_once().await.unwrap();
    let runs = recorder.runs.lock().unwrap();
    assert_ne!(runs[0].request_id(), runs[1].request_id());
    assert!(runs[0].operation().unwrap_err().is_final());
}

#[tokio::test]
async fn a_tenant_that_fails_or_panics_stops_no_other_and_is_counted() {
    struct EachTenant(Vec<TenantId>, Mutex<Vec<OperationContext>>);

    #[async_trait]
    impl JobHandler for EachTenant {
        async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
            for_each_tenant(job, self.0.iter().copied(), async |ctx| {
                self.1.lock().unwrap().push(ctx.clone());
                assert_ne!(ctx.tenant_id(), self.0[0], "one may even panic");
                if ctx.tenant_id() == self.0[1] { Err(DbError::other("cold")) } else { Ok(()) }
            })
            .await
        }
    }

    let tenants: Vec<TenantId> = (0..3).map(|_| TenantId::new()).collect();
    let handler = EachTenant(tenants.clone(), Mutex::default());
    let request = RequestId::new();
    let job = JobContext::new("bake", None, request, Clock::system().now());
    let error = handler.run(&job, json!({})).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.is_final()), ("2 of 3 tenants failed", false));
    let seen = handler.1.into_inner().unwrap();
    assert_eq!(seen.iter().map(OperationContext::tenant_id).collect::<Vec<_>>(), tenants);
    assert!(seen.iter().all(|ctx| ctx.request_id() == request && ctx.at() == job.at()));
    let done = for_each_tenant(&job, tenants, async |_| Ok::<_, DbError>(()));
    done.await.unwrap();
}
