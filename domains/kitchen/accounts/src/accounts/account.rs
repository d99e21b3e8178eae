//! The account, its states, and who may see it.

use bk_kernel::{AccountId, Actor, PresetId, UserId, permission::Permission};
use bk_kitchen_core::{Tier, named, permissions::AccountsAll};
use chrono::{DateTime, Utc};
use thiserror::Error;

/// Whether an account may order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// In use.
    Active,
    /// The customer takes a break.
    Paused,
    /// The kitchen stopped it.
    Suspended,
    /// Ended. Final.
    Closed,
}

named!(AccountStatus, "an account status", "ACTIVE, PAUSED, SUSPENDED, CLOSED", {
    Active = "ACTIVE",
    Paused = "PAUSED",
    Suspended = "SUSPENDED",
    Closed = "CLOSED",
});

/// The account is in a status that cannot become the wished one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the account is {status}")]
pub struct AccountStatusConflict {
    /// The status it is in.
    pub status: AccountStatus,
}

impl AccountStatus {
    /// The status after a change by staff; a closed account is not opened again.
    pub fn change_to(self, wished: Self) -> Result<Self, AccountStatusConflict> {
        match (self, wished) {
            (Self::Closed, Self::Closed) => Ok(Self::Closed),
            (Self::Closed, _) => Err(AccountStatusConflict { status: self }),
            (_, wished) => Ok(wished),
        }
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What labels and pack lists call it.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Whether it may order.
    pub status: AccountStatus,
    /// Its service level.
    pub tier: Tier,
    /// Its first person.
    pub primary_user_id: UserId,
    /// Who looks after it.
    pub manager_user_id: Option<UserId>,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<PresetId>,
    /// For drivers.
    pub delivery_notes: String,
    /// For `If-Match`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Which accounts an actor may see (product page, section 1: an account manager only those
/// assigned to them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountScope {
    /// All of the tenant.
    All,
    /// Those this person manages.
    ManagedBy(UserId),
}

impl AccountScope {
    /// The scope of a member of staff.
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        if actor.permissions.contains(AccountsAll::DEF.key) {
            Self::All
        } else {
            Self::ManagedBy(actor.user_id)
        }
    }

    /// Whether the account is within it.
    #[must_use]
    pub fn admits(self, account: &Account) -> bool {
        match self {
            Self::All => true,
            Self::ManagedBy(user) => account.manager_user_id == Some(user),
        }
    }
}

/// An address to deliver to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAddress {
    /// Street and number.
    pub line1: String,
    /// Unit, building.
    pub line2: String,
    /// Town or suburb.
    pub city: String,
    /// State or region.
    pub region: String,
    /// Postcode.
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_account_stays_closed() {
        for wished in [AccountStatus::Active, AccountStatus::Paused, AccountStatus::Suspended] {
            assert!(AccountStatus::Closed.change_to(wished).is_err());
            assert_eq!(wished.change_to(AccountStatus::Closed), Ok(AccountStatus::Closed));
        }
    }
}
