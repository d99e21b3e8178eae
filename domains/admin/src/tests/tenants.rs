//! Creating, suspending and finding tenants.

use bk_contracts::tenants::{TenantStatus, Tenants};
use bk_kernel::{Surface, TenantId};
use futures::future::join_all;

use super::kitchen::{Deployment, new_tenant, permit, seed};
use crate::{
    permissions::PlatformTenantsWrite,
    tenants::{ChangeStatusError, CreateTenantError, create_tenant, resume_tenant, suspend_tenant},
};

#[tokio::test]
async fn a_new_tenant_has_its_roles_its_owner_and_a_log_that_says_so() {
    let bk = Deployment::new().await;
    let operators = bk.tenant("platform").await;
    let by = bk.acting(operators, &[]);
    let tenant =
        create_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by, new_tenant("greenfork"))
            .await
            .unwrap();

    let found = bk.ports.by_slug("greenfork").await.unwrap().unwrap();
    assert_eq!((found.id, found.status), (tenant.id, TenantStatus::Active));
    assert!(bk.ports.active().await.unwrap().contains(&tenant.id));
    assert_eq!(bk.audited(tenant.id).await, ["tenant.created"]);
    assert_eq!(bk.told(tenant.id).await, ["tenant_created"]);
    let sql = "SELECT key FROM admin_roles WHERE tenant_id = $1 AND builtin ORDER BY key";
    let keys: Vec<String> =
        sqlx::query_scalar(sql).bind(tenant.id.uuid()).fetch_all(&bk.db.admin).await.unwrap();
    assert_eq!(keys, ["account_manager", "admin", "client", "driver", "kitchen", "owner"]);
    let invited = bk.people.invited.lock().unwrap();
    let [(into, owner)] = invited.as_slice() else { panic!("one invitation") };
    assert_eq!((*into, &*owner.roles[0], owner.invited_by), (tenant.id, "owner", None));
}

#[tokio::test]
async fn of_many_that_want_a_slug_at_once_one_gets_it_and_nothing_is_left_of_the_others() {
    let bk = Deployment::new().await;
    let operators = bk.tenant("platform").await;
    let attempts = (0..8).map(|_| {
        let by = bk.acting(operators, &[]);
        create_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by, new_tenant("greenfork"))
    });
    let outcomes = join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let taken = |outcome: &&Result<_, _>| matches!(outcome, Err(CreateTenantError::SlugTaken));
    assert_eq!(outcomes.iter().filter(taken).count(), 7);
    for table in ["admin_tenants", "tenant_directory", "audit_heads"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&bk.db.admin).await.unwrap();
        assert_eq!(rows, 2, "{table}: the operators' and the winner's");
    }
}

#[tokio::test]
async fn an_owner_without_an_address_leaves_no_tenant_behind() {
    let bk = Deployment::new().await;
    let operators = bk.tenant("platform").await;
    let by = bk.acting(operators, &[]);
    let mut new = new_tenant("greenfork");
    new.owner.email = "owner".to_owned();
    let refused = create_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by, new).await;
    assert!(matches!(refused, Err(CreateTenantError::OwnerEmail)));
    assert_eq!(bk.ports.by_slug("greenfork").await.unwrap(), None);
}

#[tokio::test]
async fn suspending_hides_a_tenant_at_once_and_resuming_brings_it_back() {
    let bk = Deployment::new().await;
    let operators = bk.tenant("platform").await;
    let tenant = bk.tenant("greenfork").await;
    // Everything is cached before.
    assert_eq!(bk.ports.by_slug("greenfork").await.unwrap().unwrap().status, TenantStatus::Active);
    assert_eq!(bk.ports.settings(tenant).await.unwrap().unwrap().status, TenantStatus::Active);

    let by = bk.acting(operators, &[]);
    suspend_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by.clone(), tenant)
        .await
        .unwrap();
    assert_eq!(
        bk.ports.by_slug("greenfork").await.unwrap().unwrap().status,
        TenantStatus::Suspended
    );
    assert_eq!(bk.ports.settings(tenant).await.unwrap().unwrap().status, TenantStatus::Suspended);
    assert!(!bk.ports.active().await.unwrap().contains(&tenant));
    assert_eq!(bk.people.sessions_forgotten(), 1);

    // Again changes nothing.
    suspend_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by.clone(), tenant)
        .await
        .unwrap();
    assert_eq!(bk.people.sessions_forgotten(), 1);

    resume_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by, tenant).await.unwrap();
    assert!(bk.ports.active().await.unwrap().contains(&tenant));
    assert_eq!(bk.audited(tenant).await, ["tenant.seeded", "tenant.suspended", "tenant.resumed"]);
}

#[tokio::test]
async fn operators_cannot_suspend_themselves_or_what_does_not_exist() {
    let bk = Deployment::new().await;
    let operators = bk.tenant("platform").await;
    for id in [operators, TenantId::new()] {
        let by = bk.acting(operators, &[]);
        let refused = suspend_tenant(&bk.admin, permit::<PlatformTenantsWrite>(&by), by, id).await;
        assert!(matches!(refused, Err(ChangeStatusError::NotFound)));
    }
    assert_eq!(bk.told(operators).await, Vec::<String>::new(), "the operators run no kitchen");
}

#[tokio::test]
async fn seeding_again_or_at_the_same_time_makes_one_tenant() {
    let bk = Deployment::new().await;
    let ids = join_all((0..6).map(|_| bk.admin.ensure_tenant(seed("greenfork")))).await;
    let first = *ids[0].as_ref().unwrap();
    assert!(ids.iter().all(|id| *id.as_ref().unwrap() == first));
    assert_eq!(bk.tenant("greenfork").await, first);
    assert_eq!(bk.audited(first).await, ["tenant.seeded"]);
    assert_eq!(bk.told(first).await, ["tenant_created"]);
}

#[tokio::test]
async fn an_origin_is_known_on_its_own_surface_only() {
    let bk = Deployment::new().await;
    bk.tenant("greenfork").await;
    let known = |surface, origin| bk.ports.origin_known(surface, origin);
    assert!(known(Surface::Client, "http://localhost:3000").await.unwrap());
    assert!(!known(Surface::Admin, "http://localhost:3000").await.unwrap());
    assert!(!known(Surface::Client, "http://localhost:3001").await.unwrap());
    assert!(!known(Surface::Client, "http://localhost:3000\0").await.unwrap());
}

#[tokio::test]
async fn a_tenant_can_neither_list_nor_change_another_in_the_directories() {
    use bk_persistence::{DbError, sea_orm::ConnectionTrait};

    let bk = Deployment::new().await;
    let (one, two) = (bk.tenant("greenfork").await, bk.tenant("northside").await);
    for sql in [
        "SELECT * FROM tenant_directory".to_owned(),
        "SELECT * FROM origin_directory".to_owned(),
        format!("SELECT tenant_directory_put('{two}', 'mine', 'ACTIVE')"),
        format!("SELECT origin_directory_put('{two}', '{{}}', '{{}}', '{{}}')"),
    ] {
        let text = sql.clone();
        let refused: Result<_, DbError> = bk
            .db
            .app
            .tenant(one)
            .run(move |tx| async move { Ok(tx.execute_unprepared(&text).await?) })
            .await;
        assert!(refused.is_err(), "{sql}");
    }
}
