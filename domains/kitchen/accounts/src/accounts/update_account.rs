//! Changes of an account by staff.

use bk_audit::AuditEntry;
use bk_contracts::identity::UserDirectory;
use bk_kernel::{AccountId, Actor, Permit, PresetId, RequestId, UserId};
use bk_kitchen_core::{
    Tier,
    permissions::{AccountsAll, AccountsWrite},
};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use thiserror::Error;

use super::{
    account::{Account, AccountScope, AccountStatus},
    store,
};

/// Changes to make; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChanges {
    /// Its name.
    pub name: Option<String>,
    /// Whether it may order.
    pub status: Option<AccountStatus>,
    /// Its service level.
    pub tier: Option<Tier>,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<PresetId>,
    /// For drivers.
    pub delivery_notes: Option<String>,
}

/// Who changes which version of which account.
#[derive(Debug, Clone, Copy)]
pub struct AccountEdit<'a> {
    /// The member of staff.
    pub actor: &'a Actor,
    /// The account.
    pub account_id: AccountId,
    /// The version they read.
    pub version: i64,
    /// The request.
    pub request_id: RequestId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why a change was refused.
#[derive(Debug, Error)]
pub enum UpdateAccountError {
    /// There is no such account, or not within the actor's scope.
    #[error("no such account")]
    NotFound,
    /// It changed since it was read.
    #[error("the account changed since it was read")]
    Stale,
    /// Its status cannot become the wished one.
    #[error("the account is {0}")]
    Status(AccountStatus),
    /// The preset does not exist.
    #[error("no such preset")]
    UnknownPreset,
    /// The manager is not a person of this kitchen.
    #[error("no such person")]
    UnknownManager,
    /// The database refused.
    #[error("database")]
    Db(#[source] DbError),
}

impl From<DbError> for UpdateAccountError {
    fn from(error: DbError) -> Self {
        if error.violates("kitchen_accounts_preset") {
            Self::UnknownPreset
        } else {
            Self::Db(error)
        }
    }
}

/// Changes an account.
pub async fn update_account(
    tx: &TenantTx,
    _permit: Permit<AccountsWrite>,
    edit: AccountEdit<'_>,
    changes: AccountChanges,
) -> Result<Account, UpdateAccountError> {
    let mut account = read(tx, &edit).await?;
    if let Some(wished) = changes.status {
        let next = account.status.change_to(wished);
        account.status = next.map_err(|conflict| UpdateAccountError::Status(conflict.status))?;
    }
    account.name = changes.name.unwrap_or(account.name);
    account.tier = changes.tier.unwrap_or(account.tier);
    account.default_preset_id = changes.default_preset_id.or(account.default_preset_id);
    account.delivery_notes = changes.delivery_notes.unwrap_or(account.delivery_notes);
    write(tx, &edit, account, "account.updated").await
}

/// Gives an account another manager, or none. Needs `accounts.all`: who may only see assigned
/// accounts may not hand them on.
pub async fn assign_manager(
    tx: &TenantTx,
    users: &dyn UserDirectory,
    _permit: Permit<AccountsAll>,
    edit: AccountEdit<'_>,
    manager: Option<UserId>,
) -> Result<Account, UpdateAccountError> {
    let mut account = read(tx, &edit).await?;
    if let Some(manager) = manager
        && users.summaries(tx, &[manager]).await?.is_empty()
    {
        return Err(UpdateAccountError::UnknownManager);
    }
    account.manager_user_id = manager;
    write(tx, &edit, account, "account.manager_assigned").await
}

async fn read(tx: &TenantTx, edit: &AccountEdit<'_>) -> Result<Account, UpdateAccountError> {
    let account = store::lock_account(tx, edit.account_id).await?;
    let account = account
        .filter(|account| AccountScope::of(edit.actor).admits(account))
        .ok_or(UpdateAccountError::NotFound)?;
    if account.version == edit.version { Ok(account) } else { Err(UpdateAccountError::Stale) }
}

async fn write(
    tx: &TenantTx,
    edit: &AccountEdit<'_>,
    account: Account,
    action: &'static str,
) -> Result<Account, UpdateAccountError> {
    if !store::update(tx, &account, edit.at).await? {
        return Err(UpdateAccountError::Stale);
    }
    bk_audit::append(
        tx,
        AuditEntry {
            at: edit.at,
            actor: Some(edit.actor.user_id),
            actor_kind: edit.actor.kind.into(),
            action,
            subject_type: "account",
            subject_id: account.id.to_string(),
            request_id: Some(edit.request_id),
            details: json!({ "status": account.status.as_str(), "tier": account.tier.as_str() }),
        },
    )
    .await?;
    Ok(Account { version: account.version + 1, ..account })
}
