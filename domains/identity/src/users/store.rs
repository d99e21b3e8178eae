//! Rows of users and of the roles they hold.

use bk_contracts::identity::UserSummary;
use bk_kernel::{Cursor, Limit, Page, UserId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    email::Email,
    entity::{held_role, user},
    user::{Credentials, Member, NewUser, OWNER_ROLE, User, UserKind, UserStatus},
};
use crate::password_pool::Phc;

/// Inserts a user. Returns false when the id or the address is there already.
pub(super) async fn insert(tx: &TenantTx, new: &NewUser) -> Result<bool, DbError> {
    let inserted = tenant_sql(
        tx,
        "INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash,
             password_changed_at, email_verified_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $9)
         ON CONFLICT DO NOTHING",
    )
    .bind_id(new.id)
    .bind(new.email.as_str())
    .bind(new.display_name.clone())
    .bind_word(new.kind)
    .bind_word(new.status)
    .bind(new.password.as_ref().map(|phc| phc.expose().to_owned()))
    .bind(new.password.as_ref().map(|_| new.at))
    .bind(new.at)
    .execute(tx)
    .await?;
    Ok(inserted == 1)
}

/// Makes a user `INVITED` again, with the kind and name of `new`.
pub(super) async fn invite_again(tx: &TenantTx, id: UserId, new: &NewUser) -> Result<(), DbError> {
    let change = user::ActiveModel {
        status: Set(UserStatus::Invited.as_str().to_owned()),
        kind: Set(new.kind.as_str().to_owned()),
        display_name: Set(new.display_name.clone()),
        updated_at: Set(new.at),
        ..Default::default()
    };
    touch(tx, id, change).await.map(drop)
}

/// Returns the user with this address.
pub(super) async fn find_by_email(
    tx: &TenantTx,
    email: &Email,
) -> Result<Option<Credentials>, DbError> {
    let row = by_email(tx, email).one(tx).await?;
    row.map(Credentials::try_from).transpose()
}

/// Returns the user with this address, locked until the transaction ends.
pub(super) async fn lock_by_email(
    tx: &TenantTx,
    email: &Email,
) -> Result<Option<Credentials>, DbError> {
    let row = by_email(tx, email).lock_exclusive().one(tx).await?;
    row.map(Credentials::try_from).transpose()
}

fn by_email(tx: &TenantTx, email: &Email) -> Select<user::Entity> {
    in_tenant::<user::Entity>(tx).filter(user::Column::Email.eq(email.as_str()))
}

/// Returns a user.
pub(super) async fn find(tx: &TenantTx, id: UserId) -> Result<Option<User>, DbError> {
    let row = find_in_tenant::<user::Entity>(tx, id).await?;
    row.map(User::try_from).transpose()
}

/// Returns a user, locked until the transaction ends: logins and changes of one user wait for each
/// other.
pub(super) async fn lock(tx: &TenantTx, id: UserId) -> Result<Option<Credentials>, DbError> {
    let row = lock_in_tenant::<user::Entity>(tx, id).await?;
    row.map(Credentials::try_from).transpose()
}

/// Returns the keys of the roles a user holds, sorted.
pub(super) async fn roles_of(tx: &TenantTx, id: UserId) -> Result<Vec<String>, DbError> {
    let rows = in_tenant::<held_role::Entity>(tx)
        .filter(held_role::Column::UserId.eq(id.uuid()))
        .order_by_asc(held_role::Column::RoleKey)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.role_key).collect())
}

/// Gives a user exactly `roles`.
pub(super) async fn replace_roles(
    tx: &TenantTx,
    id: UserId,
    roles: &[String],
) -> Result<(), DbError> {
    let tenant = tx.tenant_id().uuid();
    held_role::Entity::delete_many()
        .filter(held_role::Column::TenantId.eq(tenant))
        .filter(held_role::Column::UserId.eq(id.uuid()))
        .exec(tx)
        .await?;
    let rows = roles.iter().map(|role| held_role::ActiveModel {
        tenant_id: Set(tenant),
        user_id: Set(id.uuid()),
        role_key: Set(role.clone()),
    });
    held_role::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Raises the version of a user whose roles were replaced.
pub(super) async fn raise_version(
    tx: &TenantTx,
    id: UserId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = user::ActiveModel { updated_at: Set(at), ..Default::default() };
    touch(tx, id, change).await.map(drop)
}

/// Disables a user.
pub(super) async fn disable(tx: &TenantTx, id: UserId, at: DateTime<Utc>) -> Result<(), DbError> {
    let change = user::ActiveModel {
        status: Set(UserStatus::Disabled.as_str().to_owned()),
        updated_at: Set(at),
        ..Default::default()
    };
    touch(tx, id, change).await.map(drop)
}

/// Makes a user active with a first password. The row is locked by the caller.
pub(super) async fn activate(
    tx: &TenantTx,
    id: UserId,
    password: &Phc,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = user::ActiveModel {
        status: Set(UserStatus::Active.as_str().to_owned()),
        password_hash: Set(Some(password.expose().to_owned())),
        password_changed_at: Set(Some(at)),
        email_verified_at: Set(Some(at)),
        updated_at: Set(at),
        ..Default::default()
    };
    touch(tx, id, change).await.map(drop)
}

/// Records a login, and the same password under current parameters if it was hashed again.
pub(super) async fn record_login(
    tx: &TenantTx,
    id: UserId,
    renewed: Option<&Phc>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = user::ActiveModel {
        last_login_at: Set(Some(at)),
        password_hash: renewed.map_or(NotSet, |renewed| Set(Some(renewed.expose().to_owned()))),
        ..Default::default()
    };
    update_in_tenant(tx, id, change).await.map(drop)
}

/// Returns names and addresses.
pub(super) async fn find_summaries(
    tx: &TenantTx,
    ids: &[UserId],
) -> Result<Vec<UserSummary>, DbError> {
    let rows = by_ids(tx, ids).all(tx).await?;
    Ok(rows
        .into_iter()
        .map(|row| UserSummary {
            id: row.id.into(),
            display_name: row.display_name,
            email: row.email,
        })
        .collect())
}

fn by_ids(tx: &TenantTx, ids: &[UserId]) -> Select<user::Entity> {
    in_tenant::<user::Entity>(tx).filter(user::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
}

/// Whether any user of the tenant, disabled ones included, holds the role.
pub(super) async fn is_role_held(tx: &TenantTx, key: &str) -> Result<bool, DbError> {
    let holder = in_tenant::<held_role::Entity>(tx)
        .filter(held_role::Column::RoleKey.eq(key))
        .one(tx)
        .await?;
    Ok(holder.is_some())
}

/// Makes changes to who owns the tenant wait for each other until the transaction ends. To be taken
/// before any row.
pub(super) async fn lock_owners(tx: &TenantTx) -> Result<(), DbError> {
    let key = format!("identity.owners {}", tx.tenant_id());
    sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(key).execute(tx).await?;
    Ok(())
}

/// Whether an active owner besides `id` remains.
pub(super) async fn has_other_active_owner(tx: &TenantTx, id: UserId) -> Result<bool, DbError> {
    let owners = in_tenant::<held_role::Entity>(tx)
        .filter(held_role::Column::RoleKey.eq(OWNER_ROLE))
        .filter(held_role::Column::UserId.ne(id.uuid()))
        .select_only()
        .column(held_role::Column::UserId)
        .into_query();
    let owner = in_tenant::<user::Entity>(tx)
        .filter(user::Column::Status.eq(UserStatus::Active.as_str()))
        .filter(user::Column::Id.in_subquery(owners))
        .one(tx)
        .await?;
    Ok(owner.is_some())
}

/// Returns a user with the roles held.
pub(super) async fn find_member(tx: &TenantTx, id: UserId) -> Result<Option<Member>, DbError> {
    Ok(find_members(tx, &[id]).await?.into_iter().next())
}

/// Returns users with the roles they hold.
pub(super) async fn find_members(tx: &TenantTx, ids: &[UserId]) -> Result<Vec<Member>, DbError> {
    with_roles(tx, by_ids(tx, ids).all(tx).await?).await
}

/// Returns a page of the users of a kind, by id.
pub(super) async fn list_members(
    tx: &TenantTx,
    kind: UserKind,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Member>, DbError> {
    let users = in_tenant::<user::Entity>(tx).filter(user::Column::Kind.eq(kind.as_str()));
    let page: Page<user::Model> =
        page_by_key(tx, users, user::Column::Id, Order::Asc, limit, cursor).await?;
    Ok(Page { items: with_roles(tx, page.items).await?, next_cursor: page.next_cursor })
}

async fn with_roles(tx: &TenantTx, rows: Vec<user::Model>) -> Result<Vec<Member>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let held = in_tenant::<held_role::Entity>(tx)
        .filter(held_role::Column::UserId.is_in(ids))
        .order_by_asc(held_role::Column::RoleKey)
        .all(tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            let roles = held.iter().filter(|held| held.user_id == row.id);
            Ok(Member {
                roles: roles.map(|held| held.role_key.clone()).collect(),
                created_at: row.created_at,
                last_login_at: row.last_login_at,
                user: User::try_from(row)?,
            })
        })
        .collect()
}

impl TryFrom<user::Model> for Credentials {
    type Error = DbError;

    fn try_from(mut row: user::Model) -> Result<Self, DbError> {
        let password = row.password_hash.take().map(Phc::stored);
        Ok(Self { user: User::try_from(row)?, password })
    }
}

impl TryFrom<user::Model> for User {
    type Error = DbError;

    fn try_from(row: user::Model) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            kind: from_word(&row.kind, "user")?,
            status: from_word(&row.status, "user")?,
            email: row.email,
            display_name: row.display_name,
            version: row.version,
        })
    }
}
