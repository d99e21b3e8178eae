//! Brings a customer on board: the account and the invitation of its first person, together.

use bk_audit::AuditEntry;
use bk_contracts::identity::{InviteError, NewUser, UserDirectory};
use bk_kernel::{AccountId, Actor, Permit, PresetId, RequestId, UserId};
use bk_kitchen_core::{Tier, permissions::AccountsWrite};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use thiserror::Error;

use super::{
    account::{Account, AccountScope, AccountStatus, NewAddress},
    store,
};
use crate::preferences::{self, RuleSet};

/// What to create.
#[derive(Debug, Clone)]
pub struct CreateAccount {
    /// Its name.
    pub name: String,
    /// Its service level.
    pub tier: Tier,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<PresetId>,
    /// Who looks after it; the creator, when they may only see assigned accounts.
    pub manager_user_id: Option<UserId>,
    /// Where to deliver.
    pub address: Option<NewAddress>,
    /// For drivers.
    pub delivery_notes: String,
    /// The first person's address.
    pub client_email: String,
    /// What to call them.
    pub client_name: String,
    /// The request.
    pub request_id: RequestId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why it was refused.
#[derive(Debug, Error)]
pub enum CreateAccountError {
    /// The e-mail address belongs to somebody of this kitchen already.
    #[error("the address is taken")]
    EmailTaken,
    /// It is not an e-mail address.
    #[error("not an e-mail address")]
    EmailInvalid,
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
    tx: &TenantTx,
    users: &dyn UserDirectory,
    actor: &Actor,
    _permit: Permit<AccountsWrite>,
    new: CreateAccount,
) -> Result<Account, CreateAccountError> {
    let manager_user_id = match AccountScope::of(actor) {
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
        invited_by: Some(actor.user_id),
        request_id: Some(new.request_id),
        at: new.at,
    };
    let primary_user_id = users.invite(tx, invited).await?;
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
        created_at: new.at,
    };
    store::insert(tx, &account, new.address.as_ref(), new.at).await?;
    preferences::create_default_profile(tx, account.id, &RuleSet::default(), new.at).await?;
    bk_audit::append(
        tx,
        AuditEntry {
            at: new.at,
            actor: Some(actor.user_id),
            actor_kind: actor.kind.into(),
            action: "account.created",
            subject_type: "account",
            subject_id: account.id.to_string(),
            request_id: Some(new.request_id),
            details: json!({ "reference": account.reference }),
        },
    )
    .await?;
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
