//! No tenant sees, changes or refers to another's rows, whatever happens to connections.

use std::{collections::BTreeMap, sync::Arc};

use bk_kernel::TenantId;
use bk_persistence::{Database, DbError, DbRole, PoolSettings, TenantTx};
use bk_testing::TestDb;
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use crate::notebook::{add_note, add_note_of, add_notebook, database, rows, sql, system, visible};
use bk_persistence::sea_orm::ConnectionTrait;

/// One thing that one of two tenants does, and when its caller is dropped.
#[derive(Debug, Clone)]
struct Act {
    second_tenant: bool,
    kind: Kind,
    /// The caller has yielded so many times when it is dropped.
    abandoned_after: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Add(i64),
    AddThenFail(i64),
    Raise,
    Clear,
    /// Tries to write a row of the other tenant.
    Trespass,
    Look,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let kind = prop_oneof![
        (0_i64..1_000).prop_map(Kind::Add),
        (0_i64..1_000).prop_map(Kind::AddThenFail),
        Just(Kind::Raise),
        Just(Kind::Clear),
        Just(Kind::Trespass),
        Just(Kind::Look),
    ];
    let abandoned = prop_oneof![Just(None), (0_u32..100).prop_map(Some)];
    let act =
        (any::<bool>(), kind, abandoned).prop_map(|(second_tenant, kind, abandoned_after)| Act {
            second_tenant,
            kind,
            abandoned_after,
        });
    prop::collection::vec(act, 1..40)
}

/// Both tenants' rows as they ought to be.
type Model = [BTreeMap<Uuid, i64>; 2];

#[test]
fn two_tenants_on_one_connection_never_meet() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let db = runtime.block_on(database(1));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    runner
        .run(&acts(), |acts| {
            runtime.block_on(play(&db, acts));
            Ok(())
        })
        .unwrap();
}

async fn play(db: &TestDb, acts: Vec<Act>) {
    let tenants = [TenantId::new(), TenantId::new()];
    let mut model: Model = [BTreeMap::new(), BTreeMap::new()];
    for act in acts {
        let who = usize::from(act.second_tenant);
        let (id, other) = (Uuid::now_v7(), tenants[1 - who]);
        let kind = act.kind;
        let (working, worked) = oneshot::channel();
        let answer = tokio::select! {
            biased;
            outcome = perform(&db.app, tenants[who], kind, id, other, working) => Some(outcome.is_ok()),
            () = abandon(act.abandoned_after) => None,
        };
        // The work goes on without its caller. What it did is not decided yet, but the pool has one
        // connection: the next borrower sees how it ended.
        assert!(worked.await.is_err(), "nothing is sent; the end of the work closes the channel");
        let seen = everything(db, &tenants).await;
        let mut done = model.clone();
        if apply(&mut done[who], kind, id) {
            // A caller that got its answer knows; for one that was dropped it is all or nothing.
            match answer {
                Some(true) => assert_eq!(seen, done),
                Some(false) => unreachable!("{kind:?} cannot fail"),
                None => assert!(seen == done || seen == model, "half of {kind:?}: {seen:?}"),
            }
        } else {
            assert_eq!(seen, model, "{kind:?}");
        }
        model = seen;
    }
}

/// Ends when the caller is dropped: never, or after it has yielded so many times.
async fn abandon(after: Option<u32>) {
    let Some(yields) = after else { return std::future::pending().await };
    for _ in 0..yields {
        tokio::task::yield_now().await;
    }
}

/// Changes the model; false for what must change nothing.
fn apply(rows: &mut BTreeMap<Uuid, i64>, kind: Kind, id: Uuid) -> bool {
    match kind {
        Kind::Add(amount) => {
            rows.insert(id, amount);
        }
        Kind::Raise => rows.values_mut().for_each(|amount| *amount += 1),
        Kind::Clear => rows.clear(),
        Kind::AddThenFail(_) | Kind::Trespass | Kind::Look => return false,
    }
    true
}

async fn perform(
    app: &Database,
    tenant: TenantId,
    kind: Kind,
    id: Uuid,
    other: TenantId,
    working: oneshot::Sender<()>,
) -> Result<(), DbError> {
    let input = (kind, id, other, Arc::new(working));
    let work = app.transaction(&system(tenant), input, async |tx, (kind, id, other, _working)| {
        match kind {
            Kind::Add(amount) => add_note(&tx, id, amount).await,
            Kind::AddThenFail(amount) => {
                add_note(&tx, id, amount).await?;
                Err(DbError::other("changed my mind"))
            }
            // No tenant in these: the fence alone must hold.
            Kind::Raise => {
                Ok(tx.execute_unprepared("UPDATE notes SET amount = amount + 1").await.map(drop)?)
            }
            Kind::Clear => Ok(tx.execute_unprepared("DELETE FROM notes").await.map(drop)?),
            Kind::Trespass => add_note_of(&tx, other, id, 1).await,
            Kind::Look => visible(&tx).await.map(drop),
        }
    });
    work.await
}

/// The notes that a tenant sees through its fence.
async fn seen_by(db: &TestDb, tenant: TenantId) -> Vec<(Uuid, i64)> {
    db.app.read(&system(tenant), (), async |tx, ()| visible(&tx).await).await.unwrap()
}

async fn add(db: &TestDb, tenant: TenantId) {
    let add = async |tx: TenantTx, ()| add_note(&tx, Uuid::now_v7(), 1).await;
    db.app.transaction(&system(tenant), (), add).await.unwrap();
}

/// What each tenant sees through its fence.
async fn everything(db: &TestDb, tenants: &[TenantId; 2]) -> Model {
    let mut seen: Model = [BTreeMap::new(), BTreeMap::new()];
    for (rows, tenant) in seen.iter_mut().zip(tenants) {
        rows.extend(seen_by(db, *tenant).await);
    }
    seen
}

#[tokio::test]
async fn without_a_tenant_nothing_is_seen_and_nothing_is_written() {
    let db = database(1).await;
    let tenant = TenantId::new();
    add(&db, tenant).await;
    // The same connection that has just had a tenant.
    let seen = db.app.global(async |tx| visible(&tx).await).await.unwrap();
    assert!(seen.is_empty());
    let refused = db.app.global(async move |tx| {
        let values = [tenant.uuid().into(), Uuid::now_v7().into()];
        tx.execute_raw(sql("INSERT INTO notebooks (tenant_id, id) VALUES ($1, $2)", values))
            .await?;
        Ok::<_, DbError>(())
    });
    assert!(refused.await.is_err());
    assert_eq!(rows(&db, "notebooks").await, 0);
}

#[tokio::test]
async fn a_row_cannot_refer_to_another_tenants_parent() {
    let db = database(1).await;
    let (mine, theirs) = (TenantId::new(), TenantId::new());
    let notebook = Uuid::now_v7();
    let add = async |tx: TenantTx, notebook| add_notebook(&tx, notebook).await;
    db.app.transaction(&system(theirs), notebook, add).await.unwrap();
    let refused = db.app.transaction(&system(mine), notebook, async |tx, notebook| {
        let insert =
            "INSERT INTO notes (tenant_id, id, notebook_id, amount) VALUES ($1, $2, $3, 1)";
        let values = [tx.tenant_id().uuid().into(), Uuid::now_v7().into(), notebook.into()];
        tx.execute_raw(sql(insert, values)).await?;
        Ok::<_, DbError>(())
    });
    assert!(refused.await.unwrap_err().violates("notes_notebook_fkey"));
}

#[tokio::test]
async fn a_transaction_whose_runtime_dies_leaves_nothing() {
    let db = database(1).await;
    let (mine, theirs) = (TenantId::new(), TenantId::new());
    add(&db, theirs).await;
    let url = db.url.clone();
    // Killed between BEGIN and COMMIT, the worst that can happen to a task.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let settings = PoolSettings::of(DbRole::App).with_connections(1);
            let own = Database::connect(&url, DbRole::App, settings).await.unwrap();
            let written = Arc::new(Notify::new());
            let seen = Arc::clone(&written);
            tokio::spawn(own.transaction(&system(theirs), written, async |tx, written| {
                add_note(&tx, Uuid::now_v7(), 2).await?;
                written.notify_one();
                std::future::pending::<Result<(), DbError>>().await
            }));
            seen.notified().await;
        });
    })
    .join()
    .unwrap();
    assert!(seen_by(&db, mine).await.is_empty());
    assert_eq!(rows(&db, "notes").await, 1);
}

#[tokio::test]
async fn the_apis_role_owns_nothing_and_creates_nothing() {
    let db = database(1).await;
    let tenant = TenantId::new();
    for forbidden in [
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "SET ROLE bk_owner",
        "SELECT * FROM tenant_directory",
        "SELECT * FROM graphile_worker._private_jobs",
        "ALTER TABLE notes DISABLE ROW LEVEL SECURITY",
        "DROP TABLE notes",
        "TRUNCATE notes",
    ] {
        let refused = db.app.transaction(&system(tenant), forbidden, async |tx, forbidden| {
            Ok::<_, DbError>(tx.execute_unprepared(forbidden).await?)
        });
        assert!(refused.await.is_err(), "{forbidden}");
    }
    let owned: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class JOIN pg_roles ON relowner = pg_roles.oid WHERE rolname IN ('bk_app', 'bk_worker')",
    )
    .fetch_one(&db.admin)
    .await
    .unwrap();
    assert_eq!(owned, 0);
}

#[tokio::test]
async fn a_tenant_writes_its_own_directory_entry_only() {
    let db = database(1).await;
    let tenant = db.tenant("north").await;
    let found = db.app.global(async |tx| {
        let row = tx
            .query_one_raw(sql("SELECT tenant_id, status FROM tenant_by_slug('north')", []))
            .await?;
        Ok::<_, DbError>(row.map(|row| row.try_get::<Uuid>("", "tenant_id")).transpose()?)
    });
    assert_eq!(found.await.unwrap(), Some(tenant.uuid()));
    let other = system(TenantId::new());
    let refused = db.app.transaction(&other, tenant, async |tx, tenant| {
        let values = [tenant.uuid().into()];
        tx.query_one_raw(sql("SELECT tenant_directory_put($1, 'north', 'SUSPENDED')", values))
            .await?;
        Ok::<_, DbError>(())
    });
    assert!(refused.await.is_err());
}
