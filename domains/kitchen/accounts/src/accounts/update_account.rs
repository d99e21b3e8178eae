//! Changes of an account by staff.

use bk_audit::AuditEntry;
use bk_kernel::{AccountId, Authorized, PresetId, permission::Permission};
use bk_kitchen_core::{Tier, permissions::AccountsWrite};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    account::{Account, AccountScope, AccountStatus},
    store,
};

/// The account to change, as the caller read it.
#[derive(Debug, Clone, Copy)]
pub struct AccountVersion {
    /// Which account.
    pub id: AccountId,
    /// The version that was read; another one means that it changed since.
    pub version: i64,
}

/// Changes of an account; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChanges {
    /// The name of the household or team.
    pub name: Option<String>,
    /// Whether it may order.
    pub status: Option<AccountStatus>,
    /// The service level of the account.
    pub tier: Option<Tier>,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<PresetId>,
    /// Notes for drivers.
    pub delivery_notes: Option<String>,
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
    /// Its status cannot become the requested one.
    #[error("the account is {0}")]
    Status(AccountStatus),
    /// The preset does not exist.
    #[error("no such preset")]
    UnknownPreset,
    /// The manager is not a user of this tenant.
    #[error("no such person")]
    UnknownManager,
    /// The change could not be stored.
    #[error("the account could not be stored")]
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
    ctx: &Authorized<AccountsWrite>,
    tx: &TenantTx,
    account: AccountVersion,
    changes: AccountChanges,
) -> Result<Account, UpdateAccountError> {
    let mut account = lock_for_change(ctx, tx, account).await?;
    if let Some(requested) = changes.status {
        let next = account.status.change_to(requested);
        account.status = next.map_err(|conflict| UpdateAccountError::Status(conflict.status))?;
    }
    account.name = changes.name.unwrap_or(account.name);
    account.tier = changes.tier.unwrap_or(account.tier);
    account.default_preset_id = changes.default_preset_id.or(account.default_preset_id);
    account.delivery_notes = changes.delivery_notes.unwrap_or(account.delivery_notes);
    store_change(ctx, tx, account, "account.updated").await
}

/// Locks the account, if it is within the caller's scope and still as they read it.
pub(super) async fn lock_for_change<P: Permission>(
    ctx: &Authorized<P>,
    tx: &TenantTx,
    read: AccountVersion,
) -> Result<Account, UpdateAccountError> {
    let account = store::lock_account(tx, read.id).await?;
    let account = account
        .filter(|account| AccountScope::of(ctx).admits(account))
        .ok_or(UpdateAccountError::NotFound)?;
    if account.version == read.version { Ok(account) } else { Err(UpdateAccountError::Stale) }
}

/// Stores a changed account, raises its version and records the change in the audit log.
pub(super) async fn store_change<P: Permission>(
    ctx: &Authorized<P>,
    tx: &TenantTx,
    account: Account,
    action: &'static str,
) -> Result<Account, UpdateAccountError> {
    if !store::update(tx, &account, ctx.at()).await? {
        return Err(UpdateAccountError::Stale);
    }
    let entry = AuditEntry::of(ctx, action, "account", account.id)
        .details(json!({ "status": account.status, "tier": account.tier }));
    bk_audit::append(tx, entry).await?;
    Ok(Account { version: account.version + 1, ..account })
}
