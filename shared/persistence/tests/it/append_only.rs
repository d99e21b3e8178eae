//! Ledgers are written and read, and no role changes them.

use bk_kernel::TenantId;
use bk_persistence::{Database, DbError, sea_orm::ConnectionTrait};
use uuid::Uuid;

use crate::notebook::{database, rows, sql, system};

const CHANGES: [&str; 3] =
    ["UPDATE ledger SET id = gen_random_uuid()", "DELETE FROM ledger", "TRUNCATE ledger"];

async fn add_entry(app: &Database, tenant: TenantId) {
    let add = app.transaction(&system(tenant), (), async |tx, ()| {
        let values = [tx.tenant_id().uuid().into(), Uuid::now_v7().into()];
        tx.execute_raw(sql("INSERT INTO ledger (tenant_id, id) VALUES ($1, $2)", values)).await?;
        Ok::<_, DbError>(())
    });
    add.await.unwrap();
}

#[tokio::test]
async fn app_and_worker_cannot_change_a_ledger() {
    let db = database(1).await;
    let tenant = TenantId::new();
    add_entry(&db.app, tenant).await;
    for role in [&db.app, &db.worker] {
        for change in CHANGES {
            let refused = role.transaction(&system(tenant), change, async |tx, change| {
                Ok::<_, DbError>(tx.execute_unprepared(change).await?)
            });
            assert!(refused.await.is_err(), "{change}");
        }
    }
    assert_eq!(rows(&db, "ledger").await, 1);
}

#[tokio::test]
async fn not_even_the_owner_can_change_a_ledger() {
    let db = database(1).await;
    let tenant = TenantId::new();
    add_entry(&db.app, tenant).await;
    for change in CHANGES {
        let mut owner = db.admin.begin().await.unwrap();
        let become_owner = format!("SET LOCAL ROLE bk_owner; SET LOCAL app.tenant_id = '{tenant}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(become_owner)).execute(&mut *owner).await.unwrap();
        let refused = sqlx::raw_sql(change).execute(&mut *owner).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{change}: {refused}");
    }
    assert_eq!(rows(&db, "ledger").await, 1);
}
