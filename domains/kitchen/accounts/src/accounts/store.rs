//! Rows of accounts, to and from the model.

use bk_kernel::{AccountId, AddressId, Cursor, Limit, Page, PresetId, UserId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    account::{Account, AccountScope, NewAddress},
    entity::{
        account::{ActiveModel, Column, Entity, Model},
        account_user, address,
    },
};

impl TryFrom<Model> for Account {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            reference: row.reference,
            name: row.name,
            status: from_word(&row.status, "account")?,
            tier: from_word(&row.tier, "account")?,
            primary_user_id: row.primary_user_id.into(),
            manager_user_id: row.manager_user_id.map(UserId::from),
            default_preset_id: row.default_preset_id.map(PresetId::from),
            delivery_notes: row.delivery_notes,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// The account, if it exists within the scope.
pub(super) async fn account_by_id(
    tx: &TenantTx,
    id: AccountId,
    scope: AccountScope,
) -> Result<Option<Account>, DbError> {
    let row = find_in_tenant::<Entity>(tx, id).await?;
    let account = row.map(Account::try_from).transpose()?;
    Ok(account.filter(|account| scope.admits(account)))
}

/// The account, locked until the transaction ends: whatever changes an account's orders or packs
/// takes this lock first.
pub(super) async fn lock_account(tx: &TenantTx, id: AccountId) -> Result<Option<Account>, DbError> {
    let row = lock_in_tenant::<Entity>(tx, id).await?;
    row.map(Account::try_from).transpose()
}

/// These accounts by id, locked in that order until the transaction ends; unknown ids are left out.
pub(super) async fn lock_accounts(
    tx: &TenantTx,
    ids: impl IntoIterator<Item = AccountId>,
) -> Result<Vec<Account>, DbError> {
    let rows = in_tenant::<Entity>(tx)
        .filter(Column::Id.is_in(ids.into_iter().map(AccountId::uuid)))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(Account::try_from).collect()
}

/// The account a person belongs to, locked until the transaction ends.
pub(super) async fn lock_account_of(
    tx: &TenantTx,
    user: UserId,
) -> Result<Option<Account>, DbError> {
    let statement = tenant_sql(
        tx,
        "SELECT a.* FROM kitchen_account_users u
           JOIN kitchen_accounts a ON a.tenant_id = u.tenant_id AND a.id = u.account_id
          WHERE u.tenant_id = $1 AND u.user_id = $2
            FOR UPDATE OF a",
    );
    let row: Option<Model> = statement.bind_id(user).one(tx).await?;
    row.map(Account::try_from).transpose()
}

/// Accounts within the scope, by id.
pub(super) async fn list_accounts(
    tx: &TenantTx,
    scope: AccountScope,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Account>, DbError> {
    let mut query = in_tenant::<Entity>(tx);
    if let AccountScope::ManagedBy(user) = scope {
        query = query.filter(Column::ManagerUserId.eq(user.uuid()));
    }
    if let Some(Cursor(id)) = after {
        query = query.filter(Column::Id.gt(id));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    let accounts = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::from_overfetch(accounts, limit, |account| account.id.uuid()))
}

/// The account a person belongs to.
pub(super) async fn account_id_of(
    tx: &TenantTx,
    user: UserId,
) -> Result<Option<AccountId>, DbError> {
    let row = find_in_tenant::<account_user::Entity>(tx, user).await?;
    Ok(row.map(|row| row.account_id.into()))
}

/// The next free reference, `A-0001` and on. Callers hold the numbering lock it takes until they
/// commit, so two accounts never get the same one. Counting is a statement of its own: it must see
/// what was committed while this one waited for the lock.
pub(super) async fn next_reference(tx: &TenantTx) -> Result<String, DbError> {
    tenant_sql(
        tx,
        "SELECT pg_advisory_xact_lock(hashtextextended('kitchen_accounts ' || $1::text, 0))",
    )
    .execute(tx)
    .await?;
    let count =
        tenant_sql(tx, "SELECT count(*) + 1 AS number FROM kitchen_accounts WHERE tenant_id = $1");
    let number: i64 = count.value(tx).await?;
    Ok(format!("A-{number:04}"))
}

/// Inserts the account, its first person and its address.
pub(super) async fn insert(
    tx: &TenantTx,
    account: &Account,
    address: Option<&NewAddress>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let tenant_id = tx.tenant_id().uuid();
    let row = ActiveModel {
        tenant_id: Set(tenant_id),
        id: Set(account.id.uuid()),
        reference: Set(account.reference.clone()),
        name: Set(account.name.clone()),
        status: Set(account.status.as_str().to_owned()),
        tier: Set(account.tier.as_str().to_owned()),
        primary_user_id: Set(account.primary_user_id.uuid()),
        manager_user_id: Set(account.manager_user_id.map(UserId::uuid)),
        default_preset_id: Set(account.default_preset_id.map(PresetId::uuid)),
        delivery_notes: Set(account.delivery_notes.clone()),
        version: Set(account.version),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    let person = account_user::ActiveModel {
        tenant_id: Set(tenant_id),
        user_id: Set(account.primary_user_id.uuid()),
        account_id: Set(account.id.uuid()),
        added_at: Set(now),
    };
    account_user::Entity::insert(person).exec_without_returning(tx).await?;
    if let Some(new) = address {
        let row = address::ActiveModel {
            tenant_id: Set(tenant_id),
            id: Set(AddressId::new().uuid()),
            account_id: Set(account.id.uuid()),
            line1: Set(new.line1.clone()),
            line2: Set(new.line2.clone()),
            city: Set(new.city.clone()),
            region: Set(new.region.clone()),
            postcode: Set(new.postcode.clone()),
            country: Set(new.country.clone()),
            is_default: Set(true),
            created_at: Set(now),
        };
        address::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes the changeable fields and raises the version, if the stored version is the account's.
pub(super) async fn update(
    tx: &TenantTx,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = ActiveModel {
        name: Set(account.name.clone()),
        status: Set(account.status.as_str().to_owned()),
        tier: Set(account.tier.as_str().to_owned()),
        manager_user_id: Set(account.manager_user_id.map(UserId::uuid)),
        default_preset_id: Set(account.default_preset_id.map(PresetId::uuid)),
        delivery_notes: Set(account.delivery_notes.clone()),
        updated_at: Set(now),
        ..ActiveModel::default()
    };
    touch_version::<Entity>(tx, account.id, account.version, change).await
}
