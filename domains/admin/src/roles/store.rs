//! Rows of `admin_roles` and the roles they mean.

use bk_kernel::{Cursor, Limit, RoleId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement,
};

use super::{
    builtin::BuiltinRole,
    entity::role::{self as row, Column, Entity},
    role::Role,
};

/// The unique constraint of role keys.
pub(super) const KEY_TAKEN: &str = "admin_roles_key";

/// The role with this id.
pub(super) async fn find(tx: &TenantTx, id: RoleId) -> Result<Option<Role>, DbError> {
    Ok(Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?.map(Role::from))
}

/// The same, locked until the transaction ends.
pub(super) async fn lock(tx: &TenantTx, id: RoleId) -> Result<Option<Role>, DbError> {
    let found = Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).lock_exclusive().one(tx);
    Ok(found.await?.map(Role::from))
}

/// Roles after `after` in the order of their ids, one more than `limit`.
pub(super) async fn page(
    tx: &TenantTx,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Vec<Role>, DbError> {
    let mut query = of_tenant(tx).order_by_asc(Column::Id).limit(limit.rows() + 1);
    if let Some(Cursor(id)) = after {
        query = query.filter(Column::Id.gt(id));
    }
    Ok(query.all(tx).await?.into_iter().map(Role::from).collect())
}

/// The roles with these keys.
pub(super) async fn with_keys(tx: &TenantTx, keys: &[String]) -> Result<Vec<Role>, DbError> {
    let found = of_tenant(tx).filter(Column::Key.is_in(keys)).all(tx).await?;
    Ok(found.into_iter().map(Role::from).collect())
}

/// Which of these keys exist; those roles cannot be deleted until the transaction ends. Locked in
/// the order of their keys, so that two askers cannot wait for each other.
pub(super) async fn hold_keys(tx: &TenantTx, keys: &[String]) -> Result<Vec<String>, DbError> {
    let found = of_tenant(tx)
        .filter(Column::Key.is_in(keys))
        .order_by_asc(Column::Key)
        .lock_shared()
        .all(tx)
        .await?;
    Ok(found.into_iter().map(|role| role.key).collect())
}

/// Inserts a composed role; a key that is taken violates [`KEY_TAKEN`].
pub(super) async fn insert(tx: &TenantTx, role: &Role, at: DateTime<Utc>) -> Result<(), DbError> {
    let new = row::ActiveModel {
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
    Entity::insert(new).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes the title and permissions of a locked role.
pub(super) async fn save(tx: &TenantTx, role: &Role, at: DateTime<Utc>) -> Result<(), DbError> {
    let changed = row::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(role.id.uuid()),
        title: Set(role.title.clone()),
        permissions: Set(role.permissions.clone()),
        version: Set(role.version),
        updated_at: Set(at),
        ..Default::default()
    };
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Deletes a locked role.
pub(super) async fn delete(tx: &TenantTx, id: RoleId) -> Result<(), DbError> {
    Entity::delete_by_id((tx.tenant_id().uuid(), id.uuid())).exec(tx).await?;
    Ok(())
}

/// Makes a built-in role what it should be; says whether that changed anything.
pub(super) async fn put_builtin(
    tx: &TenantTx,
    role: &BuiltinRole,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO admin_roles AS held
             (tenant_id, id, key, title, permissions, builtin, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, true, 1, $6, $6)
         ON CONFLICT ON CONSTRAINT admin_roles_key DO UPDATE
             SET title = excluded.title, permissions = excluded.permissions, builtin = true,
                 version = held.version + 1, updated_at = excluded.updated_at
             WHERE (held.title, held.permissions, held.builtin)
                   IS DISTINCT FROM (excluded.title, excluded.permissions, true)",
        [
            tx.tenant_id().uuid().into(),
            RoleId::new().uuid().into(),
            role.key.into(),
            role.title.into(),
            role.permissions.clone().into(),
            at.into(),
        ],
    );
    Ok(tx.execute_raw(statement).await?.rows_affected() > 0)
}

fn of_tenant(tx: &TenantTx) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(tx.tenant_id().uuid()))
}

impl From<row::Model> for Role {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            key: row.key,
            title: row.title,
            permissions: row.permissions,
            builtin: row.builtin,
            version: row.version,
        }
    }
}
