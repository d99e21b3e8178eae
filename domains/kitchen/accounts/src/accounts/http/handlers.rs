//! Handlers of accounts: parse, call, map.

use actix_web::{HttpResponse, get, patch, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, Versioned,
};
use bk_kernel::Code;
use bk_kitchen_core::{
    KitchenState, Tier,
    permissions::{AccountsAll, AccountsRead, AccountsWrite},
};
use uuid::Uuid;

use super::dto::{
    AccountDto, AccountStatusDto, AccountsDto, AssignManagerDto, CreateAccountDto, TierDto,
    UpdateAccountDto,
};
use crate::accounts::{
    account::{Account, AccountStatus},
    create_account::{self as creating, CreateAccount},
    read_accounts as reading,
    update_account::{self as updating, AccountChanges, AccountEdit},
};

/// List accounts.
///
/// Oldest first. Staff without `accounts.all` see the accounts they manage.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, description = "A page of accounts", body = AccountsDto)))]
#[get("/admin/accounts")]
pub(crate) async fn list_accounts(
    who: Allowed<AccountsRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<AccountsDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            reading::list_accounts(&tx, &who.caller.actor, who.permit, limit, after).await
        })
        .await?
        .map(AccountDto::from);
    Ok(Json(AccountsDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_accounts {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Create an account and invite its client.
#[utoipa::path(tag = "accounts", responses((status = 201, description = "The account", body = AccountDto)))]
#[post("/admin/accounts")]
pub(crate) async fn create_account(
    who: Allowed<AccountsWrite>,
    body: Json<CreateAccountDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<HttpResponse, Problem> {
    let dto = body.0;
    let new = CreateAccount {
        name: dto.name,
        tier: dto.tier.into(),
        default_preset_id: dto.default_preset_id.map(Into::into),
        manager_user_id: dto.manager_user_id.map(Into::into),
        address: dto.address.map(Into::into),
        delivery_notes: dto.delivery_notes,
        client_email: dto.client.email,
        client_name: dto.client.display_name,
        request_id: who.caller.ctx.request_id,
        at: who.caller.now(),
    };
    let users = kitchen.deps().users.clone();
    let account = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            creating::create_account(&tx, &*users, &who.caller.actor, who.permit, new).await
        })
        .await?;
    Ok(HttpResponse::Created().json(AccountDto::from(account)))
}

impl Guarded for create_account {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().writes();
}

/// Read an account.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses((status = 200, description = "The account", body = AccountDto)))]
#[get("/admin/accounts/{id}")]
pub(crate) async fn get_account(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<AccountDto>, Problem> {
    let account = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            reading::get_account(&tx, &who.caller.actor, who.permit, id.0.into()).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(account))
}

impl Guarded for get_account {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Change an account.
///
/// What is absent stays. A closed account is not opened again.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses((status = 200, description = "The account", body = AccountDto)))]
#[patch("/admin/accounts/{id}")]
pub(crate) async fn update_account(
    who: Allowed<AccountsWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<UpdateAccountDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<AccountDto>, Problem> {
    let dto = body.0;
    let changes = AccountChanges {
        name: dto.name,
        status: dto.status.map(Into::into),
        tier: dto.tier.map(Into::into),
        default_preset_id: dto.default_preset_id.map(Into::into),
        delivery_notes: dto.delivery_notes,
    };
    let account = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            let edit = AccountEdit {
                actor: &who.caller.actor,
                account_id: id.0.into(),
                version: version.0.0,
                request_id: who.caller.ctx.request_id,
                at: who.caller.now(),
            };
            updating::update_account(&tx, who.permit, edit, changes).await
        })
        .await?;
    Ok(versioned(account))
}

impl Guarded for update_account {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().updates();
}

/// Give an account another manager.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses((status = 200, description = "The account", body = AccountDto)))]
#[put("/admin/accounts/{id}/manager")]
pub(crate) async fn assign_account_manager(
    who: Allowed<AccountsAll>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<AssignManagerDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<AccountDto>, Problem> {
    let users = kitchen.deps().users.clone();
    let manager = body.0.manager_user_id.map(Into::into);
    let account = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            let edit = AccountEdit {
                actor: &who.caller.actor,
                account_id: id.0.into(),
                version: version.0.0,
                request_id: who.caller.ctx.request_id,
                at: who.caller.now(),
            };
            updating::assign_manager(&tx, &*users, who.permit, edit, manager).await
        })
        .await?;
    Ok(versioned(account))
}

impl Guarded for assign_account_manager {
    const POLICY: Policy = Policy::admin::<AccountsAll>().updates();
}

fn versioned(account: Account) -> Versioned<AccountDto> {
    Versioned { etag: ETag(account.version), body: account.into() }
}

impl From<TierDto> for Tier {
    fn from(dto: TierDto) -> Self {
        match dto {
            TierDto::Base => Self::Base,
            TierDto::Mid => Self::Mid,
            TierDto::High => Self::High,
        }
    }
}

impl From<AccountStatusDto> for AccountStatus {
    fn from(dto: AccountStatusDto) -> Self {
        match dto {
            AccountStatusDto::Active => Self::Active,
            AccountStatusDto::Paused => Self::Paused,
            AccountStatusDto::Suspended => Self::Suspended,
            AccountStatusDto::Closed => Self::Closed,
        }
    }
}
