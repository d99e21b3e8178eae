//! Handlers of accounts: parse, call, map.

use actix_web::{get, patch, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, Page, Path, Policy, Problem,
    Versioned,
};
use bk_kernel::{AccountId, Code};
use bk_kitchen_core::{
    KitchenState,
    permissions::{AccountsAll, AccountsRead, AccountsWrite},
};
use uuid::Uuid;

use super::forms::{Account, AccountChange, AccountForm, ManagerForm};
use crate::accounts::{self, AccountVersion, account as model};

/// List accounts
///
/// Oldest first. Staff without `accounts.all` see the accounts they manage.
#[utoipa::path(tag = "accounts", params(ListQuery), responses(Page<Account>))]
#[get("/admin/accounts")]
pub(crate) async fn list_accounts(
    who: Allowed<AccountsRead>,
    query: ListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<Account>, Problem> {
    let page = kitchen
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            accounts::list_accounts(&who, &tx, page).await
        })
        .await?;
    Ok(page.map(Account::from).into())
}

impl Guarded for list_accounts {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Create an account
///
/// Its first person is invited by mail.
#[utoipa::path(tag = "accounts", request_body = AccountForm, responses(Created<Account>))]
#[post("/admin/accounts")]
pub(crate) async fn create_account(
    who: Allowed<AccountsWrite>,
    body: Json<AccountForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Created<Account>, Problem> {
    let input = (who.clone(), kitchen.deps().users.clone(), body.0.into_command());
    let account = kitchen
        .db()
        .transaction(&who, input, async |tx, (who, users, command)| {
            accounts::create_account(&who, &tx, &*users, command).await
        })
        .await?;
    Ok(Created::below(account.id, ETag(account.version), account.into()))
}

impl Guarded for create_account {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().writes();
}

/// Get an account
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses(Versioned<Account>))]
#[get("/admin/accounts/{id}")]
pub(crate) async fn get_account(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<Account>, Problem> {
    let account = kitchen
        .db()
        .read(&who, (who.clone(), AccountId::from(id.0)), async |tx, (who, id)| {
            accounts::get_account(&who, &tx, id).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(account))
}

impl Guarded for get_account {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Update an account
///
/// What is absent stays. A closed account is not opened again.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), request_body = AccountChange, responses(Versioned<Account>))]
#[patch("/admin/accounts/{id}")]
pub(crate) async fn update_account(
    who: Allowed<AccountsWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<AccountChange>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<Account>, Problem> {
    let read = AccountVersion { id: id.0.into(), version: version.0.0 };
    let input = (who.clone(), read, body.0.into_command());
    let account = kitchen
        .db()
        .transaction(&who, input, async |tx, (who, read, changes)| {
            accounts::update_account(&who, &tx, read, changes).await
        })
        .await?;
    Ok(versioned(account))
}

impl Guarded for update_account {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().updates();
}

/// Assign a manager to an account
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), request_body = ManagerForm, responses(Versioned<Account>))]
#[put("/admin/accounts/{id}/manager")]
pub(crate) async fn assign_account_manager(
    who: Allowed<AccountsAll>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<ManagerForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<Account>, Problem> {
    let read = AccountVersion { id: id.0.into(), version: version.0.0 };
    let manager = body.0.manager_user_id.map(Into::into);
    let input = (who.clone(), kitchen.deps().users.clone(), read, manager);
    let account = kitchen
        .db()
        .transaction(&who, input, async |tx, (who, users, read, manager)| {
            accounts::assign_manager(&who, &tx, &*users, read, manager).await
        })
        .await?;
    Ok(versioned(account))
}

impl Guarded for assign_account_manager {
    const POLICY: Policy = Policy::admin::<AccountsAll>().updates();
}

fn versioned(account: model::Account) -> Versioned<Account> {
    Versioned { etag: ETag(account.version), body: account.into() }
}
