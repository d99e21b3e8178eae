//! Begin, work, commit: whole, once, and whatever becomes of the caller.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bk_kernel::TenantId;
use bk_persistence::{
    Database, DatabaseUrl, DbError, DbRole, PoolSettings, TenantTx, sea_orm::ConnectionTrait,
};
use bk_testing::TestDb;
use futures::future::{BoxFuture, join_all, try_join_all};
use tokio::sync::{Barrier, Notify};
use uuid::Uuid;

use crate::{
    notebook::{add_note, add_notebook, database, rows, sql, system, visible},
    proxy::losing_commits,
};

#[tokio::test]
async fn what_was_done_is_kept_and_what_failed_is_not() {
    let db = database(2).await;
    let ctx = system(TenantId::new());
    let id = Uuid::now_v7();
    db.app.transaction(&ctx, id, async |tx, id| add_note(&tx, id, 7).await).await.unwrap();
    let failed: Result<(), DbError> = db
        .app
        .transaction(&ctx, (), async |tx, ()| {
            add_note(&tx, Uuid::now_v7(), 8).await?;
            Err(DbError::other("changed my mind"))
        })
        .await;
    assert!(failed.is_err());
    let seen = db.app.read(&ctx, (), async |tx, ()| visible(&tx).await).await.unwrap();
    assert_eq!(seen, [(id, 7)]);
}

#[tokio::test]
async fn a_read_only_transaction_changes_nothing() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let refused =
        db.app.read(&ctx, (), async |tx, ()| add_note(&tx, Uuid::now_v7(), 1).await).await;
    assert!(matches!(refused, Err(DbError::Other(_))), "{refused:?}");
    assert_eq!(rows(&db, "notes").await, 0);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_the_work() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let gates = (Arc::clone(&begun), Arc::clone(&go_on));
    let caller = tokio::spawn(db.app.transaction(&ctx, gates, async |tx, (begun, go_on)| {
        add_note(&tx, Uuid::now_v7(), 1).await?;
        begun.notify_one();
        go_on.notified().await;
        add_note(&tx, Uuid::now_v7(), 2).await
    }));
    begun.notified().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.notify_one();
    // The pool has one connection: this waits until the work has let go of it.
    let seen = db.app.read(&ctx, (), async |tx, ()| visible(&tx).await).await.unwrap();
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn a_handle_is_useless_after_its_transaction() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let kept: TenantTx =
        db.app.transaction(&ctx, (), async |tx, ()| Ok::<_, DbError>(tx.clone())).await.unwrap();
    let refused = add_note(&kept, Uuid::now_v7(), 1).await.unwrap_err();
    assert!(matches!(&refused, DbError::Other(why) if why.to_string().contains("ended")));
    assert_eq!(rows(&db, "notes").await, 0);
}

#[tokio::test]
async fn a_failure_that_was_swallowed_is_not_taken_for_success() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let outcome = db
        .app
        .transaction(&ctx, (), async |tx, ()| {
            add_note(&tx, Uuid::now_v7(), 1).await?;
            let refused = add_note(&tx, Uuid::now_v7(), -1).await;
            assert!(refused.unwrap_err().violates("notes_amount_positive"));
            Ok::<_, DbError>(())
        })
        .await;
    assert!(outcome.is_err());
    assert_eq!(rows(&db, "notes").await, 0);
}

#[tokio::test]
async fn a_statement_abandoned_half_way_spoils_the_transaction() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let outcome = db
        .app
        .transaction(&ctx, (), async |tx, ()| {
            add_note(&tx, Uuid::now_v7(), 1).await?;
            let slow = tx.execute_unprepared("SELECT pg_sleep(0.5)");
            let late = tokio::time::timeout(Duration::from_millis(20), slow).await;
            assert!(late.is_err());
            Ok::<_, DbError>(())
        })
        .await;
    assert!(outcome.is_err());
    db.app
        .transaction(&ctx, (), async |tx, ()| add_note(&tx, Uuid::now_v7(), 2).await)
        .await
        .unwrap();
    assert_eq!(rows(&db, "notes").await, 1);
}

#[tokio::test]
async fn a_savepoint_undoes_its_own_failure_only() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    db.app
        .transaction(&ctx, (), async |tx, ()| {
            add_note(&tx, Uuid::now_v7(), 1).await?;
            let inner: Result<(), DbError> =
                tx.savepoint(async |tx| add_note(&tx, Uuid::now_v7(), -1).await).await;
            assert!(inner.unwrap_err().violates("notes_amount_positive"));
            tx.savepoint(async |tx| add_note(&tx, Uuid::now_v7(), 2).await).await
        })
        .await
        .unwrap();
    assert_eq!(rows(&db, "notes").await, 2);
}

#[tokio::test]
async fn a_savepoint_undoes_what_an_abandoned_one_inside_it_did() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let work = db.app.transaction(&ctx, (), async |tx, ()| {
        add_note(&tx, Uuid::now_v7(), 1).await?;
        let outer: Result<(), DbError> = tx
            .savepoint(async |tx| {
                add_note(&tx, Uuid::now_v7(), 2).await?;
                let inner = tx.savepoint(async |tx| {
                    add_note(&tx, Uuid::now_v7(), 3).await?;
                    std::future::pending::<Result<(), DbError>>().await
                });
                let abandoned = tokio::time::timeout(Duration::from_millis(50), inner).await;
                assert!(abandoned.is_err());
                Err(DbError::other("changed my mind"))
            })
            .await;
        assert!(outer.is_err());
        tx.savepoint(async |tx| add_note(&tx, Uuid::now_v7(), 4).await).await?;
        visible(&tx).await
    });
    let amounts: Vec<i64> = work.await.unwrap().into_iter().map(|(_, amount)| amount).collect();
    assert_eq!(amounts, [1, 4]);
}

#[tokio::test]
async fn savepoints_nest_eight_deep_and_no_deeper() {
    fn nest(tx: TenantTx, levels: u32) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move {
            match levels {
                0 => add_note(&tx, Uuid::now_v7(), 1).await,
                _ => tx.savepoint(|tx| nest(tx, levels - 1)).await,
            }
        })
    }

    let db = database(1).await;
    let ctx = system(TenantId::new());
    db.app.transaction(&ctx, (), async |tx, ()| nest(tx, 8).await).await.unwrap();
    let refused = db.app.transaction(&ctx, (), async |tx, ()| nest(tx, 9).await).await;
    assert!(matches!(refused, Err(DbError::Other(why)) if why.to_string().contains("deeply")));
    assert_eq!(rows(&db, "notes").await, 1);
}

#[tokio::test]
async fn a_constraint_that_refuses_at_the_commit_is_reported_by_its_name() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let outcome = db
        .app
        .transaction(&ctx, (), async |tx, ()| {
            tx.execute_unprepared("SET CONSTRAINTS notes_notebook_fkey DEFERRED").await?;
            let insert =
                "INSERT INTO notes (tenant_id, id, notebook_id, amount) VALUES ($1, $2, $2, 1)";
            let values = [tx.tenant_id().uuid().into(), Uuid::now_v7().into()];
            tx.execute_raw(sql(insert, values)).await?;
            Ok::<_, DbError>(())
        })
        .await;
    assert!(outcome.unwrap_err().violates("notes_notebook_fkey"));
    let id = Uuid::now_v7();
    let twice = db.app.transaction(&ctx, id, async |tx, id| {
        add_notebook(&tx, id).await?;
        add_notebook(&tx, id).await
    });
    assert!(twice.await.unwrap_err().violates("notebooks_pkey"));
}

#[tokio::test]
async fn a_panic_rolls_back_and_goes_on_in_the_caller() {
    let db = database(1).await;
    let ctx = system(TenantId::new());
    let caller =
        tokio::spawn(db.app.transaction(&ctx, (), async |tx, ()| -> Result<(), DbError> {
            add_note(&tx, Uuid::now_v7(), 1).await?;
            panic!("on purpose")
        }));
    assert!(caller.await.unwrap_err().is_panic());
    db.app
        .transaction(&ctx, (), async |tx, ()| add_note(&tx, Uuid::now_v7(), 2).await)
        .await
        .unwrap();
    assert_eq!(rows(&db, "notes").await, 1);
}

#[tokio::test]
async fn the_server_stops_what_takes_too_long() {
    let db = database(1).await;
    let settings = PoolSettings {
        statement_timeout: Duration::from_millis(50),
        ..PoolSettings::of(DbRole::App)
    };
    let hasty = Database::connect(&db.url, DbRole::App, settings).await.unwrap();
    let outcome = hasty
        .transaction(&system(TenantId::new()), (), async |tx, ()| {
            Ok(tx.execute_unprepared("SELECT pg_sleep(30)").await?)
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Unavailable(_))), "{outcome:?}");
    hasty.ping().await.unwrap();
}

/// Ends the application's connections, as a server does that restarts; returns their number.
async fn end_connections(db: &TestDb) -> i64 {
    db.number(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
          WHERE datname = current_database() AND usename = 'bk_app'",
    )
    .await
}

#[tokio::test]
async fn connections_that_died_in_the_pool_are_replaced_without_the_callers_noticing() {
    let db = database(3).await;
    let ctx = system(TenantId::new());
    let add =
        || db.app.transaction(&ctx, (), async |tx, ()| add_note(&tx, Uuid::now_v7(), 1).await);
    let meeting = Arc::new(Barrier::new(3));
    let at_once = (0..3).map(|_| {
        db.app.transaction(&ctx, Arc::clone(&meeting), async |tx, meeting| {
            meeting.wait().await;
            add_note(&tx, Uuid::now_v7(), 1).await
        })
    });
    try_join_all(at_once).await.unwrap();
    assert_eq!(end_connections(&db).await, 3);
    for _ in 0..4 {
        add().await.unwrap();
    }
    assert_eq!(rows(&db, "notes").await, 7);
}

#[tokio::test]
async fn a_connection_that_dies_before_the_commit_keeps_nothing_and_troubles_nobody_else() {
    let db = Arc::new(database(1).await);
    let ctx = system(TenantId::new());
    let killer = Arc::clone(&db);
    let outcome = db.app.transaction(&ctx, killer, async |tx, killer| {
        add_note(&tx, Uuid::now_v7(), 1).await?;
        assert_eq!(end_connections(&killer).await, 1);
        Ok::<_, DbError>(())
    });
    assert!(matches!(outcome.await, Err(DbError::Unavailable(_))));
    db.app
        .transaction(&ctx, (), async |tx, ()| add_note(&tx, Uuid::now_v7(), 2).await)
        .await
        .unwrap();
    assert_eq!(rows(&db, "notes").await, 1);
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable_and_no_secret_is_shown() {
    let url = DatabaseUrl::parse("postgres://me:hunter2@127.0.0.1:9/kitchen").unwrap();
    let refused = Database::connect(&url, DbRole::App, PoolSettings::of(DbRole::App)).await;
    let error = refused.unwrap_err();
    assert!(error.is_transient());
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test]
async fn no_error_shows_the_values_of_a_row() {
    let db = database(1).await;
    let outcome = db
        .app
        .transaction(&system(TenantId::new()), (), async |tx, ()| {
            Ok::<_, DbError>(tx.execute_unprepared("SELECT 'hunter2'::uuid").await?)
        })
        .await;
    let error = outcome.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn a_transaction_that_loses_to_another_starts_over_with_the_same_input() {
    let db = database(8).await;
    let (ctx, id) = (system(TenantId::new()), Uuid::now_v7());
    db.app.transaction(&ctx, id, async |tx, id| add_note(&tx, id, 0).await).await.unwrap();
    let adders = (1..=4).map(|amount| {
        db.app.transaction(&ctx, (id, amount), async |tx, (id, amount)| {
            tx.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
            let (_, before) = visible(&tx).await?[0];
            let update = "UPDATE notes SET amount = $3 WHERE tenant_id = $1 AND id = $2";
            let values = [tx.tenant_id().uuid().into(), id.into(), (before + amount).into()];
            tx.execute_raw(sql(update, values)).await?;
            Ok::<_, DbError>(())
        })
    });
    for outcome in join_all(adders).await {
        outcome.unwrap();
    }
    let seen = db.app.read(&ctx, (), async |tx, ()| visible(&tx).await).await.unwrap();
    assert_eq!(seen, [(id, 10)]);
}

#[tokio::test]
async fn two_transactions_that_wait_for_each_other_both_succeed() {
    let db = database(2).await;
    let ctx = system(TenantId::new());
    let ids = (Uuid::now_v7(), Uuid::now_v7());
    let fill = db.app.transaction(&ctx, ids, async |tx, (one, other)| {
        add_note(&tx, one, 0).await?;
        add_note(&tx, other, 0).await
    });
    fill.await.unwrap();
    let meeting = Arc::new(Barrier::new(2));
    let raise = |first: Uuid, second: Uuid| {
        let input = (first, second, Arc::clone(&meeting), Arc::new(AtomicUsize::new(0)));
        db.app.transaction(&ctx, input, async |tx, (first, second, meeting, attempts)| {
            raise_one(&tx, first).await?;
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                // Both hold one row and ask for the other's.
                meeting.wait().await;
            }
            raise_one(&tx, second).await
        })
    };
    try_join_all([raise(ids.0, ids.1), raise(ids.1, ids.0)]).await.unwrap();
    let seen = db.app.read(&ctx, (), async |tx, ()| visible(&tx).await).await.unwrap();
    assert_eq!(seen, [(ids.0, 2), (ids.1, 2)]);
}

async fn raise_one(tx: &TenantTx, id: Uuid) -> Result<(), DbError> {
    let update = "UPDATE notes SET amount = amount + 1 WHERE tenant_id = $1 AND id = $2";
    tx.execute_raw(sql(update, [tx.tenant_id().uuid().into(), id.into()])).await?;
    Ok(())
}

/// Fails as a statement does that lost to a concurrent transaction.
const LOSE: &str = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$";

#[tokio::test]
async fn a_transaction_that_always_loses_is_tried_five_times() {
    let db = database(1).await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let outcome = db
        .app
        .transaction(&system(TenantId::new()), Arc::clone(&attempts), async |tx, attempts| {
            attempts.fetch_add(1, Ordering::SeqCst);
            tx.execute_unprepared(LOSE).await?;
            Ok::<_, DbError>(())
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Serialization)), "{outcome:?}");
    assert_eq!(attempts.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_transaction_that_fails_otherwise_is_tried_once() {
    let db = database(1).await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let outcome = db
        .app
        .transaction(&system(TenantId::new()), Arc::clone(&attempts), async |tx, attempts| {
            attempts.fetch_add(1, Ordering::SeqCst);
            add_note(&tx, Uuid::now_v7(), -1).await
        })
        .await;
    assert!(outcome.unwrap_err().violates("notes_amount_positive"));
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_commit_without_an_answer_is_never_repeated_even_when_a_statement_had_lost_before() {
    let db = database(1).await;
    let (cut, commits) = losing_commits(&db).await;
    let ctx = system(TenantId::new());
    let attempts = Arc::new(AtomicUsize::new(0));
    let outcome = cut
        .transaction(&ctx, Arc::clone(&attempts), async |tx, attempts| {
            attempts.fetch_add(1, Ordering::SeqCst);
            let lost: Result<_, DbError> =
                tx.savepoint(async |tx| Ok(tx.execute_unprepared(LOSE).await?)).await;
            assert!(matches!(lost, Err(DbError::Serialization)), "{lost:?}");
            add_note(&tx, Uuid::now_v7(), 1).await
        })
        .await;
    assert!(matches!(outcome, Err(DbError::Unavailable(_))), "{outcome:?}");
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
    // The wire threw away good news: the note is there, once.
    assert_eq!(rows(&db, "notes").await, 1);
    assert_eq!(commits.load(Ordering::SeqCst), 1);
}
