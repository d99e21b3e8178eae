//! Composing roles, and the built-in ones.

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::{RoleId, TenantId};
use bk_persistence::DbError;

use super::kitchen::{Deployment, OTHERS, permit};
use crate::{
    permissions::{RolesManage, RolesRead},
    roles::{
        CreateRoleError, DeleteRoleError, GrantError, NewRole, ReplaceRole, ReplaceRoleError,
        RoleKey, RoleTitle, create_role, delete_role, read_role, replace_role,
    },
};

fn new_role(key: &str, permissions: &[&str]) -> NewRole {
    NewRole {
        key: RoleKey::parse(key).unwrap(),
        title: RoleTitle::parse("Packer").unwrap(),
        permissions: permissions.iter().map(|&key| key.to_owned()).collect(),
    }
}

fn change(id: RoleId, version: i64, permissions: &[&str]) -> ReplaceRole {
    ReplaceRole {
        id,
        version,
        title: RoleTitle::parse("Packer").unwrap(),
        permissions: permissions.iter().map(|&key| key.to_owned()).collect(),
    }
}

async fn builtin_id(bk: &Deployment, tenant: TenantId, key: &str) -> RoleId {
    let sql = "SELECT id FROM admin_roles WHERE tenant_id = $1 AND key = $2";
    let id: uuid::Uuid = sqlx::query_scalar(sql)
        .bind(tenant.uuid())
        .bind(key)
        .fetch_one(&bk.db.admin)
        .await
        .unwrap();
    id.into()
}

async fn permits(bk: &Deployment, tenant: TenantId, keys: &[&str]) -> Vec<String> {
    let ports = bk.ports.clone();
    let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
    let read = bk.db.app.tenant(tenant);
    let set = read.read(move |tx| async move { ports.permissions_of(&tx, &keys).await });
    set.await.unwrap().iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_composed_role_permits_what_it_says_and_ends_cached_sessions() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let by = bk.acting(tenant, &["menu.read", "orders.read"]);
    let wanted = new_role("packer", &["orders.read", "menu.read", "orders.read"]);
    let role =
        create_role(&bk.admin, permit::<RolesManage>(&by), by.clone(), wanted).await.unwrap();
    assert_eq!(role.permissions, ["menu.read", "orders.read"]);
    assert_eq!(permits(&bk, tenant, &["packer", "nobody"]).await, ["menu.read", "orders.read"]);

    let again =
        create_role(&bk.admin, permit::<RolesManage>(&by), by.clone(), new_role("packer", &[]));
    assert!(matches!(again.await, Err(CreateRoleError::KeyTaken)));
    let reserved = create_role(
        &bk.admin,
        permit::<RolesManage>(&by),
        by.clone(),
        new_role("super_admin", &[]),
    );
    assert!(matches!(reserved.await, Err(CreateRoleError::KeyTaken)));

    let smaller = change(role.id, 1, &["menu.read"]);
    let role =
        replace_role(&bk.admin, permit::<RolesManage>(&by), by.clone(), smaller).await.unwrap();
    assert_eq!(
        (role.version, permits(&bk, tenant, &["packer"]).await),
        (2, vec!["menu.read".to_owned()])
    );
    let stale =
        replace_role(&bk.admin, permit::<RolesManage>(&by), by.clone(), change(role.id, 1, &[]));
    assert!(matches!(stale.await, Err(ReplaceRoleError::Stale)));

    delete_role(&bk.admin, permit::<RolesManage>(&by), by.clone(), role.id).await.unwrap();
    assert_eq!(read_role(&bk.admin, permit::<RolesRead>(&by), &by, role.id).await.unwrap(), None);
    assert_eq!(bk.people.sessions_forgotten(), 3);
    assert_eq!(
        bk.audited(tenant).await,
        ["tenant.seeded", "role.created", "role.changed", "role.deleted"]
    );
}

#[tokio::test]
async fn nobody_gives_or_takes_a_permission_they_do_not_hold() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let chief = bk.acting(tenant, &["menu.read", "menu.write"]);
    let cook = bk.acting(tenant, &["menu.read"]);
    let may = permit::<RolesManage>(&cook);
    for permissions in [&["menu.write"][..], &["own.orders.read"], &["platform.health.read"]] {
        let refused =
            create_role(&bk.admin, may, cook.clone(), new_role("packer", permissions)).await;
        assert!(
            matches!(refused, Err(CreateRoleError::Grant(GrantError::NotHeld))),
            "{permissions:?}"
        );
    }
    let unknown =
        create_role(&bk.admin, may, cook.clone(), new_role("packer", &["menu.fly"])).await;
    assert!(matches!(unknown, Err(CreateRoleError::Grant(GrantError::Unknown { index: 0 }))));

    let role = create_role(&bk.admin, may, chief, new_role("chef", &["menu.write"])).await.unwrap();
    for permissions in [&["menu.read"][..], &[], &["menu.write"]] {
        let refused =
            replace_role(&bk.admin, may, cook.clone(), change(role.id, 1, permissions)).await;
        assert!(matches!(refused, Err(ReplaceRoleError::Grant(GrantError::NotHeld))));
    }
    let refused = delete_role(&bk.admin, may, cook, role.id).await;
    assert!(matches!(refused, Err(DeleteRoleError::Grant(GrantError::NotHeld))));
    assert_eq!(permits(&bk, tenant, &["chef"]).await, ["menu.write"]);
}

#[tokio::test]
async fn a_builtin_role_is_neither_changed_nor_deleted() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let owner = bk.acting(tenant, &OTHERS);
    let may = permit::<RolesManage>(&owner);
    let id = builtin_id(&bk, tenant, "driver").await;
    let changed = replace_role(&bk.admin, may, owner.clone(), change(id, 1, &[])).await;
    assert!(matches!(changed, Err(ReplaceRoleError::Builtin)));
    let deleted = delete_role(&bk.admin, may, owner, id).await;
    assert!(matches!(deleted, Err(DeleteRoleError::Builtin)));
}

#[tokio::test]
async fn a_role_somebody_holds_is_not_deleted() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let by = bk.acting(tenant, &[]);
    let may = permit::<RolesManage>(&by);
    let role = create_role(&bk.admin, may, by.clone(), new_role("packer", &[])).await.unwrap();
    bk.people.roles_in_use.lock().unwrap().push("packer".to_owned());
    let refused = delete_role(&bk.admin, may, by, role.id).await;
    assert!(matches!(refused, Err(DeleteRoleError::InUse)));
}

#[tokio::test]
async fn a_role_cannot_be_deleted_while_it_is_being_assigned() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let by = bk.acting(tenant, &[]);
    let may = permit::<RolesManage>(&by);
    let role = create_role(&bk.admin, may, by.clone(), new_role("packer", &[])).await.unwrap();

    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let (holding, held) = tokio::sync::oneshot::channel::<()>();
    let (ports, scope) = (bk.ports.clone(), bk.db.app.tenant(tenant));
    let assignment = tokio::spawn(async move {
        let assign = scope.run(move |tx| async move {
            let keys = ["packer", "nobody", "nobody"].map(str::to_owned);
            assert_eq!(ports.unknown(&tx, &keys).await?, ["nobody"]);
            holding.send(()).unwrap();
            released.await.unwrap();
            Ok::<_, DbError>(())
        });
        assign.await
    });
    held.await.unwrap();
    let lock: Result<u64, sqlx::Error> = sqlx::query(
        "SELECT id FROM admin_roles WHERE tenant_id = $1 AND id = $2 FOR UPDATE NOWAIT",
    )
    .bind(tenant.uuid())
    .bind(role.id.uuid())
    .execute(&bk.db.admin)
    .await
    .map(|done| done.rows_affected());
    assert!(lock.is_err(), "what the deletion asks for first is not to be had");
    release.send(()).unwrap();
    assignment.await.unwrap().unwrap();
    delete_role(&bk.admin, may, by, role.id).await.unwrap();
}

#[tokio::test]
async fn builtin_roles_follow_the_catalogue_and_composed_ones_stay() {
    let bk = Deployment::new().await;
    let (tenant, operators) = (bk.tenant("greenfork").await, bk.tenant("platform").await);
    let by = bk.acting(tenant, &["menu.read"]);
    let packer = new_role("packer", &["menu.read"]);
    create_role(&bk.admin, permit::<RolesManage>(&by), by, packer).await.unwrap();
    assert_eq!(bk.admin.sync_builtin_roles().await.unwrap(), 0, "nothing is new");

    let grown = [&OTHERS[..], &["deliveries.read", "platform.keys.read"]].concat();
    let next = bk.released_with(&grown);
    assert_eq!(next.sync_builtin_roles().await.unwrap(), 2);
    assert_eq!(next.sync_builtin_roles().await.unwrap(), 0, "once is enough");
    assert_eq!(permits(&bk, tenant, &["driver"]).await, ["deliveries.read"]);
    assert!(permits(&bk, tenant, &["owner"]).await.contains(&"deliveries.read".to_owned()));
    assert!(
        !permits(&bk, tenant, &["owner", "admin"])
            .await
            .iter()
            .any(|key| key.starts_with("platform."))
    );
    assert!(
        permits(&bk, operators, &["super_admin"]).await.contains(&"platform.keys.read".to_owned())
    );
    assert_eq!(permits(&bk, tenant, &["packer"]).await, ["menu.read"]);
    assert_eq!(bk.audited(tenant).await.last().unwrap(), "role.synchronised");
}

#[tokio::test]
async fn a_role_of_another_tenant_does_not_exist() {
    let bk = Deployment::new().await;
    let (one, two) = (bk.tenant("greenfork").await, bk.tenant("northside").await);
    let theirs = builtin_id(&bk, two, "owner").await;
    let by = bk.acting(one, &OTHERS);
    assert_eq!(read_role(&bk.admin, permit::<RolesRead>(&by), &by, theirs).await.unwrap(), None);
    let deleted = delete_role(&bk.admin, permit::<RolesManage>(&by), by, theirs).await;
    assert!(matches!(deleted, Err(DeleteRoleError::NotFound)));
}
