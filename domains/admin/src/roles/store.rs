//! Rows of `admin_roles`.

use bk_kernel::{Cursor, Limit, Page, RoleId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    builtin::BuiltinRole,
    entity::role::{ActiveModel, Column, Entity},
    role::Role,
};

/// The unique constraint of role keys.
pub(super) const KEY_TAKEN: &str = "admin_roles_key";

/// Reads the role with this id.
pub(super) async fn find(tx: &TenantTx, id: RoleId) -> Result<Option<Role>, DbError> {
    Ok(find_in_tenant::<Entity>(tx, id).await?.map(Role::from))
}

/// Reads the role with this id, and locks it until the transaction ends.
pub(super) async fn lock(tx: &TenantTx, id: RoleId) -> Result<Option<Role>, DbError> {
    Ok(lock_in_tenant::<Entity>(tx, id).await?.map(Role::from))
}

/// Reads a page of roles, in the order of their ids.
pub(super) async fn list(
    tx: &TenantTx,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Role>, DbError> {
    page_by_key(tx, in_tenant::<Entity>(tx), Column::Id, Order::Asc, limit, cursor).await
}

/// Reads the roles with these keys.
pub(super) async fn find_by_keys(tx: &TenantTx, keys: &[String]) -> Result<Vec<Role>, DbError> {
    let rows = in_tenant::<Entity>(tx).filter(Column::Key.is_in(keys)).all(tx).await?;
    Ok(rows.into_iter().map(Role::from).collect())
}

/// Returns which of these keys exist; those roles cannot be deleted until the transaction ends. They
/// are locked in the order of their keys, so that two transactions cannot wait for each other.
pub(super) async fn lock_by_keys(tx: &TenantTx, keys: &[String]) -> Result<Vec<String>, DbError> {
    let rows = in_tenant::<Entity>(tx)
        .filter(Column::Key.is_in(keys))
        .order_by_asc(Column::Key)
        .lock_shared()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Inserts a composed role; a key that is taken violates [`KEY_TAKEN`].
pub(super) async fn insert(tx: &TenantTx, role: &Role, at: DateTime<Utc>) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(role.id.uuid()),
        key: Set(role.key.clone()),
        title: Set(role.title.clone()),
        permissions: Set(role.permissions.clone()),
        builtin: Set(role.builtin),
        version: Set(role.version),
        created_at: Set(at),
        updated_at: Set(at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes the title and the permissions of a locked role.
pub(super) async fn save(tx: &TenantTx, role: &Role, at: DateTime<Utc>) -> Result<(), DbError> {
    let change = ActiveModel {
        title: Set(role.title.clone()),
        permissions: Set(role.permissions.clone()),
        updated_at: Set(at),
        ..Default::default()
    };
    touch::<Entity>(tx, role.id, change).await?;
    Ok(())
}

/// Deletes a locked role.
pub(super) async fn delete(tx: &TenantTx, id: RoleId) -> Result<(), DbError> {
    delete_in_tenant::<Entity>(tx, id).await?;
    Ok(())
}

/// Makes a built-in role what the catalogue says. Returns whether that changed anything.
pub(super) async fn put_builtin(
    tx: &TenantTx,
    role: &BuiltinRole,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let put = "INSERT INTO admin_roles AS held
             (tenant_id, id, key, title, permissions, builtin, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, true, 1, $6, $6)
         ON CONFLICT ON CONSTRAINT admin_roles_key DO UPDATE
             SET title = excluded.title, permissions = excluded.permissions, builtin = true,
                 version = held.version + 1, updated_at = excluded.updated_at
             WHERE (held.title, held.permissions, held.builtin)
                   IS DISTINCT FROM (excluded.title, excluded.permissions, true)";
    let put = tenant_sql(tx, put)
        .bind_id(RoleId::new())
        .bind(role.key)
        .bind(role.title)
        .bind(role.permissions.clone())
        .bind(at);
    Ok(put.execute(tx).await? > 0)
}
