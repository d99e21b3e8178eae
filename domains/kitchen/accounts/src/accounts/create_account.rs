//! Brings a customer on board: the account and the invitation of its first person, together.

use bk_audit::AuditEntry;
use bk_contracts::identity::{InviteError, NewUser, UserDirectory};
use bk_kernel::{AccountId, Authorized, PresetId, UserId};
use bk_kitchen_core::{Tier, permissions::AccountsWrite};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    account::{Account, AccountScope, AccountStatus, NewAddress},
    store,
};
use crate::preferences::{self, RuleSet};

/// A new account with its first person.
#[derive(Debug, Clone)]
pub struct CreateAccount {
    /// The name of the household or team.
    pub name: String,
    /// The service level of the account.
    pub tier: Tier,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<PresetId>,
    /// The account manager; the creator, when they may only see assigned accounts.
    pub manager_user_id: Option<UserId>,
    /// The delivery address.
    pub address: Option<NewAddress>,
    /// Notes for drivers.
    pub delivery_notes: String,
    /// The e-mail address that the invitation goes to.
    pub client_email: String,
    /// The display name of the first person.
    pub client_name: String,
}

/// Why an account was not created.
#[derive(Debug, Error)]
pub enum CreateAccountError {
    /// The e-mail address belongs to a user of this tenant already.
    #[error("the address is taken")]
    EmailTaken,
    /// It is not an e-mail address.
    #[error("not an e-mail address")]
    EmailInvalid,
    /// The preset does not exist.
    #[error("no such preset")]
    UnknownPreset,
    /// The manager is not a user of this tenant.
    #[error("no such person")]
    UnknownManager,
    /// The account could not be stored.
    #[error("the account could not be stored")]
    Db(#[source] DbError),
}

impl From<DbError> for CreateAccountError {
    fn from(error: DbError) -> Self {
        if error.violates("kitchen_accounts_preset") {
            Self::UnknownPreset
        } else {
            Self::Db(error)
        }
    }
}

/// Creates the account, its default preference profile, and invites its client.
pub async fn create_account(
    ctx: &Authorized<AccountsWrite>,
    tx: &TenantTx,
    users: &dyn UserDirectory,
    new: CreateAccount,
) -> Result<Account, CreateAccountError> {
    let manager_user_id = match AccountScope::of(ctx) {
        AccountScope::All => new.manager_user_id,
        AccountScope::ManagedBy(user) => Some(user),
    };
    if let Some(manager) = manager_user_id
        && users.summaries(tx, &[manager]).await?.is_empty()
    {
        return Err(CreateAccountError::UnknownManager);
    }
    let invited = NewUser {
        email: new.client_email,
        display_name: new.client_name,
        roles: vec!["client".to_owned()],
    };
    let primary_user_id = users.invite(ctx, tx, invited).await?;
    let account = Account {
        id: AccountId::new(),
        reference: store::next_reference(tx).await?,
        name: new.name,
        status: AccountStatus::Active,
        tier: new.tier,
        primary_user_id,
        manager_user_id,
        default_preset_id: new.default_preset_id,
        delivery_notes: new.delivery_notes,
        version: 1,
        created_at: ctx.at(),
    };
    store::insert(tx, &account, new.address.as_ref(), ctx.at()).await?;
    preferences::create_default_profile(ctx, tx, account.id, &RuleSet::default()).await?;
    let entry = AuditEntry::of(ctx, "account.created", "account", account.id)
        .details(json!({ "reference": account.reference }));
    bk_audit::append(tx, entry).await?;
    Ok(account)
}

impl From<InviteError> for CreateAccountError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::EmailTaken => Self::EmailTaken,
            InviteError::EmailInvalid => Self::EmailInvalid,
            InviteError::UnknownRole(role) => {
                Self::Db(DbError::other(format!("the built-in role {role} is missing")))
            }
            InviteError::Db(error) => Self::Db(error),
        }
    }
}
