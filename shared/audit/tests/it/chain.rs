//! The chain holds, and tampering is detected (docs/controls.md, AU-1 and SC-5).

use std::ops::RangeInclusive;

use bk_audit::{
    AuditEntry, ChainBreak, ChainFault, Filter, Head, Verified, VerifyError, append, head, page,
    verify, verify_against,
};
use bk_kernel::{Limit, OperationContext, RequestId, TenantId};
use bk_persistence::DbError;
use bk_testing::TestDb;
use futures::future::try_join_all;
use serde_json::json;
use sqlx::AssertSqlSafe;

fn context(tenant: TenantId) -> OperationContext {
    let at = "2026-11-27T02:00:00.123456Z".parse().unwrap();
    OperationContext::system(tenant, RequestId::new(), at)
}

fn entry(ctx: &OperationContext, n: usize) -> AuditEntry {
    AuditEntry::of(ctx, "role.created", "role", format!("packer-{n}")).details(
        json!({ "key": format!("packer_{n}"), "n": n, "share": 0.5, "list": [null, true] }),
    )
}

async fn filled(db: &TestDb, slug: &str, entries: usize) -> TenantId {
    let tenant = db.tenant(slug).await;
    append_all(db, tenant, 1..=entries).await.unwrap();
    tenant
}

/// Appends the entries of these numbers in one transaction.
async fn append_all(
    db: &TestDb,
    tenant: TenantId,
    numbers: RangeInclusive<usize>,
) -> Result<(), DbError> {
    let ctx = context(tenant);
    db.app
        .transaction(&ctx, (ctx.clone(), numbers), async |tx, (ctx, numbers)| {
            for n in numbers {
                append(&tx, entry(&ctx, n)).await?;
            }
            Ok(())
        })
        .await
}

async fn head_of(db: &TestDb, tenant: TenantId) -> Head {
    db.app.read(&context(tenant), (), async |tx, ()| head(&tx).await).await.unwrap()
}

async fn check(db: &TestDb, tenant: TenantId) -> Result<Verified, VerifyError> {
    db.app.read(&context(tenant), (), async |tx, ()| verify(&tx).await).await
}

async fn check_against(
    db: &TestDb,
    tenant: TenantId,
    known: Head,
) -> Result<Verified, VerifyError> {
    db.app.read(&context(tenant), known, async |tx, known| verify_against(&tx, &known).await).await
}

/// Changes rows as a superuser who switches the triggers off.
async fn tamper(db: &TestDb, tenant: TenantId, sql: &str) {
    let sql = format!(
        "BEGIN; SET LOCAL session_replication_role = replica; {}; COMMIT",
        sql.replace("$tenant", &format!("'{tenant}'"))
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&db.admin).await.unwrap();
}

#[track_caller]
fn assert_chain_break(outcome: Result<Verified, VerifyError>, seq: i64, fault: ChainFault) {
    match outcome {
        Err(VerifyError::Broken(found)) => assert_eq!(found, ChainBreak { seq, fault }),
        other => panic!("expected entry {seq} to be broken, got {other:?}"),
    }
}

#[tokio::test]
async fn an_untouched_log_of_several_pages_is_sound() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 1_203).await;
    let known = head_of(&db, tenant).await;
    let verified = check_against(&db, tenant, known).await.unwrap();
    assert_eq!(verified, Verified { entries: 1_203, head: known });
}

#[tokio::test]
async fn an_empty_log_is_sound() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 0).await;
    assert_eq!(check(&db, tenant).await.unwrap(), Verified { entries: 0, head: Head::EMPTY });
}

#[tokio::test]
async fn a_changed_entry_is_found_whatever_was_changed() {
    let db = TestDb::new().await;
    for (n, change) in [
        "at = at + interval '1 microsecond'",
        "actor_id = gen_random_uuid()",
        "actor_kind = 'staff'",
        "action = 'role.deleted'",
        "subject_type = 'roles'",
        "subject_id = ''",
        "request_id = gen_random_uuid()",
        "details = details || '{\"key\": \"owner\"}'",
        "details = details - 'n'",
        "details = jsonb_set(details, '{list,1}', 'false')",
    ]
    .into_iter()
    .enumerate()
    {
        let tenant = filled(&db, &format!("tenant-{n}"), 3).await;
        let sql =
            format!("UPDATE audit_entries SET {change} WHERE tenant_id = $tenant AND seq = 2");
        tamper(&db, tenant, &sql).await;
        assert_chain_break(check(&db, tenant).await, 2, ChainFault::Altered);
    }
}

#[tokio::test]
async fn a_removed_entry_is_found() {
    let db = TestDb::new().await;
    for (n, seq) in [1, 2].into_iter().enumerate() {
        let tenant = filled(&db, &format!("tenant-{n}"), 3).await;
        let sql = format!("DELETE FROM audit_entries WHERE tenant_id = $tenant AND seq = {seq}");
        tamper(&db, tenant, &sql).await;
        assert_chain_break(check(&db, tenant).await, seq, ChainFault::Missing);
    }
}

#[tokio::test]
async fn swapped_entries_are_found() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 4).await;
    let sql =
        "UPDATE audit_entries SET seq = seq + 100 WHERE tenant_id = $tenant AND seq IN (2, 3);
               UPDATE audit_entries SET seq = 105 - seq WHERE tenant_id = $tenant AND seq > 100";
    tamper(&db, tenant, sql).await;
    assert_chain_break(check(&db, tenant).await, 2, ChainFault::Unlinked);
}

#[tokio::test]
async fn a_cut_off_end_is_found_by_the_head_and_by_a_checkpoint_even_if_the_head_was_rewritten() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 5).await;
    let known = head_of(&db, tenant).await;
    tamper(&db, tenant, "DELETE FROM audit_entries WHERE tenant_id = $tenant AND seq > 3").await;
    assert_chain_break(check(&db, tenant).await, 4, ChainFault::Missing);

    let sql = "UPDATE audit_heads h SET seq = e.seq, hash = e.hash FROM audit_entries e
               WHERE h.tenant_id = $tenant AND e.tenant_id = $tenant AND e.seq = 3";
    tamper(&db, tenant, sql).await;
    assert_eq!(check(&db, tenant).await.unwrap().entries, 3, "inside, nothing is left to see");
    assert_chain_break(check_against(&db, tenant, known).await, 4, ChainFault::Missing);
}

#[tokio::test]
async fn a_wholly_rewritten_log_is_found_by_a_checkpoint() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 3).await;
    let known = head_of(&db, tenant).await;
    let sql = "DELETE FROM audit_entries WHERE tenant_id = $tenant;
               DELETE FROM audit_heads WHERE tenant_id = $tenant";
    tamper(&db, tenant, sql).await;
    append_all(&db, tenant, 11..=14).await.unwrap();
    assert_eq!(check(&db, tenant).await.unwrap().entries, 4);
    assert_chain_break(check_against(&db, tenant, known).await, 3, ChainFault::CheckpointDiffers);
}

#[tokio::test]
async fn an_entry_added_behind_the_heads_back_is_found() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 2).await;
    let before = head_of(&db, tenant).await;
    append_all(&db, tenant, 3..=3).await.unwrap();
    let hash: String = before.hash.to_string();
    let sql =
        format!("UPDATE audit_heads SET seq = 2, hash = '\\x{hash}' WHERE tenant_id = $tenant");
    tamper(&db, tenant, &sql).await;
    assert_chain_break(check(&db, tenant).await, 3, ChainFault::HeadDiffers);
}

#[tokio::test]
async fn parallel_appends_leave_no_gap_and_no_fork() {
    let db = TestDb::new().await;
    let (one, two) = (filled(&db, "greenfork", 0).await, filled(&db, "northside", 0).await);
    let appends = (0..60).map(|n| {
        let tenant = if n % 3 == 0 { two } else { one };
        append_all(&db, tenant, n..=n)
    });
    try_join_all(appends).await.unwrap();
    assert_eq!(check(&db, one).await.unwrap().entries, 40);
    assert_eq!(check(&db, two).await.unwrap().entries, 20);
}

#[tokio::test]
async fn an_entry_of_a_failed_change_was_never_written() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 1).await;
    let failed: Result<(), DbError> = db
        .app
        .transaction(&context(tenant), context(tenant), async |tx, ctx| {
            append(&tx, entry(&ctx, 2)).await?;
            Err(DbError::other("the change failed"))
        })
        .await;
    assert!(failed.is_err());
    append_all(&db, tenant, 3..=3).await.unwrap();
    assert_eq!(check(&db, tenant).await.unwrap().entries, 2);
}

#[tokio::test]
async fn the_api_can_neither_change_nor_delete_an_entry() {
    use bk_persistence::sea_orm::ConnectionTrait;

    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 1).await;
    for sql in [
        "UPDATE audit_entries SET action = 'nothing.happened'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
    ] {
        for role in [&db.app, &db.worker] {
            let refused: Result<_, DbError> = role
                .transaction(&context(tenant), sql, async |tx, sql| {
                    Ok(tx.execute_unprepared(sql).await?)
                })
                .await;
            assert!(refused.is_err(), "{sql}");
        }
    }
    assert_eq!(check(&db, tenant).await.unwrap().entries, 1);
}

#[tokio::test]
async fn a_tenant_reads_its_own_log_newest_first() {
    let db = TestDb::new().await;
    let tenant = filled(&db, "greenfork", 5).await;
    filled(&db, "northside", 2).await;
    let read = |filter: Filter, before: Option<i64>, rows: u16| {
        let db = db.app.clone();
        async move {
            let command = (filter, before, Limit::new(rows).unwrap());
            let entries =
                db.read(&context(tenant), command, async |tx, (filter, before, limit)| {
                    page(&tx, &filter, before, limit).await
                });
            entries.await.unwrap().into_iter().map(|entry| entry.seq).collect::<Vec<_>>()
        }
    };
    assert_eq!(read(Filter::default(), None, 2).await, [5, 4, 3]);
    assert_eq!(read(Filter::default(), Some(3), 2).await, [2, 1]);
    let other = Filter { action: Some("role.deleted".to_owned()), actor: None };
    assert!(read(other, None, 10).await.is_empty());
}
