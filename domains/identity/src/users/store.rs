//! Rows of users and of the roles they hold.

use bk_contracts::identity::UserSummary;
use bk_kernel::{Cursor, Limit, UserId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    entity::{role_held, user},
    user::{Email, OWNER_ROLE, User, UserKind, UserStatus},
};
use crate::{passwords::Phc, store::sql};

/// A row to insert.
#[derive(Debug)]
pub(super) struct NewUser<'a> {
    pub(super) id: UserId,
    pub(super) email: &'a Email,
    pub(super) display_name: &'a str,
    pub(super) kind: UserKind,
    pub(super) status: UserStatus,
    pub(super) password: Option<&'a Phc>,
    pub(super) at: DateTime<Utc>,
}

/// What became of an insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserted {
    /// There is a new row.
    New,
    /// Somebody has the address.
    Exists(UserId),
}

/// A user with what proves them.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// Who.
    pub(crate) user: User,
    /// Their password, once they have one.
    pub(crate) password: Option<Phc>,
}

/// A user as the team's list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Who.
    pub(crate) user: User,
    /// Role keys, sorted.
    pub(crate) roles: Vec<String>,
    /// When they were invited or seeded.
    pub(crate) created_at: DateTime<Utc>,
    /// When they last logged in.
    pub(crate) last_login_at: Option<DateTime<Utc>>,
}

/// Inserts unless the id or the address is there.
pub(super) async fn insert(tx: &TenantTx, new: &NewUser<'_>) -> Result<bool, DbError> {
    let verified = new.password.map(|_| new.at);
    let inserted = tx
        .execute_raw(sql(
            "INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash,
                 password_changed_at, email_verified_at, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $9)
             ON CONFLICT DO NOTHING",
            [
                tx.tenant_id().uuid().into(),
                new.id.uuid().into(),
                new.email.as_str().into(),
                new.display_name.into(),
                new.kind.as_str().into(),
                new.status.as_str().into(),
                new.password.map(|phc| phc.expose().to_owned()).into(),
                verified.into(),
                new.at.into(),
            ],
        ))
        .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Inserts, or tells who has the address.
pub(super) async fn insert_or_find(tx: &TenantTx, new: &NewUser<'_>) -> Result<Inserted, DbError> {
    if insert(tx, new).await? {
        return Ok(Inserted::New);
    }
    let holder = by_email(tx, new.email).await?;
    holder
        .map(|holder| Inserted::Exists(holder.user.id))
        .ok_or_else(|| DbError::other("a new user's id is taken"))
}

/// Makes somebody `INVITED` again who never had a password and has no open invitation.
pub(super) async fn revive(
    tx: &TenantTx,
    id: UserId,
    kind: UserKind,
    display_name: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let revived = tx
        .execute_raw(sql(
            "UPDATE identity_users u
             SET status = 'INVITED', kind = $3, display_name = $4, version = version + 1, updated_at = $5
             WHERE u.tenant_id = $1 AND u.id = $2 AND u.status <> 'ACTIVE' AND u.password_hash IS NULL
               AND NOT EXISTS (
                   SELECT FROM identity_invitations i
                   WHERE i.tenant_id = $1 AND i.user_id = $2
                     AND i.accepted_at IS NULL AND i.revoked_at IS NULL)",
            [
                tx.tenant_id().uuid().into(),
                id.uuid().into(),
                kind.as_str().into(),
                display_name.into(),
                at.into(),
            ],
        ))
        .await?;
    Ok(revived.rows_affected() == 1)
}

/// Who has this address.
pub(crate) async fn by_email(tx: &TenantTx, email: &Email) -> Result<Option<Credentials>, DbError> {
    let row = user::Entity::find()
        .filter(user::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(user::Column::Email.eq(email.as_str()))
        .one(tx)
        .await?;
    row.map(credentials).transpose()
}

/// Somebody.
pub(crate) async fn by_id(tx: &TenantTx, id: UserId) -> Result<Option<User>, DbError> {
    let row = user::Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?;
    row.as_ref().map(model).transpose()
}

/// Somebody, locked until the transaction ends: logins and changes of one user take turns.
pub(crate) async fn lock(tx: &TenantTx, id: UserId) -> Result<Option<Credentials>, DbError> {
    let row = user::Entity::find_by_id((tx.tenant_id().uuid(), id.uuid()))
        .lock_exclusive()
        .one(tx)
        .await?;
    row.map(credentials).transpose()
}

/// The roles somebody holds, sorted.
pub(crate) async fn roles_of(tx: &TenantTx, id: UserId) -> Result<Vec<String>, DbError> {
    let rows = role_held::Entity::find()
        .filter(role_held::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(role_held::Column::UserId.eq(id.uuid()))
        .order_by_asc(role_held::Column::RoleKey)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.role_key).collect())
}

/// Gives somebody exactly `roles`.
pub(super) async fn replace_roles(
    tx: &TenantTx,
    id: UserId,
    roles: &[String],
) -> Result<(), DbError> {
    let tenant = tx.tenant_id().uuid();
    role_held::Entity::delete_many()
        .filter(role_held::Column::TenantId.eq(tenant))
        .filter(role_held::Column::UserId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let rows = roles.iter().map(|role| role_held::ActiveModel {
        tenant_id: sea_orm::Set(tenant),
        user_id: sea_orm::Set(id.uuid()),
        role_key: sea_orm::Set(role.clone()),
    });
    role_held::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces roles and kind; the new version. The row is locked by the caller.
pub(crate) async fn change_roles(
    tx: &TenantTx,
    id: UserId,
    roles: &[String],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    replace_roles(tx, id, roles).await?;
    tx.execute_raw(sql(
        "UPDATE identity_users SET version = version + 1, updated_at = $3
         WHERE tenant_id = $1 AND id = $2",
        [tx.tenant_id().uuid().into(), id.uuid().into(), at.into()],
    ))
    .await?;
    Ok(())
}

/// Disables somebody.
pub(crate) async fn disable(tx: &TenantTx, id: UserId, at: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute_raw(sql(
        "UPDATE identity_users SET status = 'DISABLED', version = version + 1, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND status <> 'DISABLED'",
        [tx.tenant_id().uuid().into(), id.uuid().into(), at.into()],
    ))
    .await?;
    Ok(())
}

/// Makes an invited user active with their first password. False when they are not invited (any
/// more).
pub(crate) async fn activate(
    tx: &TenantTx,
    id: UserId,
    password: &Phc,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = tx
        .execute_raw(sql(
            "UPDATE identity_users
             SET status = 'ACTIVE', password_hash = $3, password_changed_at = $4, email_verified_at = $4,
                 version = version + 1, updated_at = $4
             WHERE tenant_id = $1 AND id = $2 AND status = 'INVITED'",
            [tx.tenant_id().uuid().into(), id.uuid().into(), password.expose().into(), at.into()],
        ))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the same password under current parameters.
pub(crate) async fn renew_password(
    tx: &TenantTx,
    id: UserId,
    password: &Phc,
) -> Result<(), DbError> {
    tx.execute_raw(sql(
        "UPDATE identity_users SET password_hash = $3 WHERE tenant_id = $1 AND id = $2",
        [tx.tenant_id().uuid().into(), id.uuid().into(), password.expose().into()],
    ))
    .await?;
    Ok(())
}

/// Notes a login.
pub(crate) async fn logged_in(tx: &TenantTx, id: UserId, at: DateTime<Utc>) -> Result<(), DbError> {
    user::Entity::update_many()
        .col_expr(user::Column::LastLoginAt, Expr::value(at))
        .filter(user::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(user::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Names and addresses.
pub(crate) async fn summaries(tx: &TenantTx, ids: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = user::Entity::find()
        .filter(user::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(user::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| UserSummary {
            id: row.id.into(),
            display_name: row.display_name,
            email: row.email,
        })
        .collect())
}

/// Whether anybody of the tenant, disabled people included, holds the role.
pub(crate) async fn role_in_use(tx: &TenantTx, key: &str) -> Result<bool, DbError> {
    let holder = role_held::Entity::find()
        .filter(role_held::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(role_held::Column::RoleKey.eq(key))
        .one(tx)
        .await?;
    Ok(holder.is_some())
}

/// Makes changes to who owns the tenant take turns until the transaction ends, so that two owners
/// cannot demote each other at once. Taken before any row.
pub(crate) async fn lock_owners(tx: &TenantTx) -> Result<(), DbError> {
    let key = format!("identity.owners {}", tx.tenant_id());
    tx.query_one_raw(sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [key.into()]))
        .await?;
    Ok(())
}

/// Whether an active owner besides `id` remains.
pub(crate) async fn has_other_active_owner(tx: &TenantTx, id: UserId) -> Result<bool, DbError> {
    let row = tx
        .query_one_raw(sql(
            "SELECT u.id FROM identity_user_roles r
             JOIN identity_users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
             WHERE r.tenant_id = $1 AND r.role_key = $3 AND u.id <> $2 AND u.status = 'ACTIVE'
             LIMIT 1",
            [tx.tenant_id().uuid().into(), id.uuid().into(), OWNER_ROLE.into()],
        ))
        .await?;
    Ok(row.is_some())
}

/// One member.
pub(crate) async fn member(tx: &TenantTx, id: UserId) -> Result<Option<Member>, DbError> {
    let row = user::Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?;
    let members = with_roles(tx, row.into_iter().collect()).await?;
    Ok(members.into_iter().next())
}

/// These members, in no particular order.
pub(crate) async fn members(tx: &TenantTx, ids: &[UserId]) -> Result<Vec<Member>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = user::Entity::find()
        .filter(user::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(user::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .all(tx)
        .await?;
    with_roles(tx, rows).await
}

/// Members of a kind by id, which is by time of invitation; one row more than `limit`, if there is.
pub(crate) async fn list(
    tx: &TenantTx,
    kind: UserKind,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Vec<Member>, DbError> {
    let mut query = user::Entity::find()
        .filter(user::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(user::Column::Kind.eq(kind.as_str()))
        .order_by_asc(user::Column::Id)
        .limit(limit.rows() + 1);
    if let Some(Cursor(id)) = after {
        query = query.filter(user::Column::Id.gt(id));
    }
    with_roles(tx, query.all(tx).await?).await
}

async fn with_roles(tx: &TenantTx, rows: Vec<user::Model>) -> Result<Vec<Member>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let held = role_held::Entity::find()
        .filter(role_held::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(role_held::Column::UserId.is_in(ids))
        .order_by_asc(role_held::Column::RoleKey)
        .all(tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            let roles = held.iter().filter(|held| held.user_id == row.id);
            Ok(Member {
                user: model(&row)?,
                roles: roles.map(|held| held.role_key.clone()).collect(),
                created_at: row.created_at,
                last_login_at: row.last_login_at,
            })
        })
        .collect()
}

fn credentials(row: user::Model) -> Result<Credentials, DbError> {
    Ok(Credentials { user: model(&row)?, password: row.password_hash.map(Phc::stored) })
}

fn model(row: &user::Model) -> Result<User, DbError> {
    let unknown = |_| DbError::other("a user's kind or status is unknown");
    Ok(User {
        id: row.id.into(),
        email: row.email.clone(),
        display_name: row.display_name.clone(),
        kind: row.kind.parse().map_err(unknown)?,
        status: row.status.parse().map_err(unknown)?,
        version: row.version,
    })
}
