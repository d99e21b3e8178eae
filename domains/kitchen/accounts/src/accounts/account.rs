//! The account, its states, and who may see it.

use bk_kernel::{AccountId, PresetId, UserId};
use bk_kitchen_core::Tier;
use chrono::{DateTime, Utc};
use thiserror::Error;

bk_kernel::string_enum! {
    /// Whether an account may order.
    pub enum AccountStatus: "an account status" {
        /// The account can order.
        Active = "ACTIVE",
        /// The customer takes a break.
        Paused = "PAUSED",
        /// The kitchen stopped it.
        Suspended = "SUSPENDED",
        /// The account ended for good.
        Closed = "CLOSED",
    }
}

/// The account is in a status that cannot become the requested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the account is {status}")]
pub struct AccountStatusConflict {
    /// The status it is in.
    pub status: AccountStatus,
}

impl AccountStatus {
    /// The status after a change by staff; a closed account is not opened again.
    pub fn change_to(self, requested: Self) -> Result<Self, AccountStatusConflict> {
        match (self, requested) {
            (Self::Closed, Self::Closed) => Ok(Self::Closed),
            (Self::Closed, _) => Err(AccountStatusConflict { status: self }),
            (_, requested) => Ok(requested),
        }
    }
}

/// An account of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id of the account.
    pub id: AccountId,
    /// What labels and pack lists call it.
    pub reference: String,
    /// The name of the household or team.
    pub name: String,
    /// Whether it may order.
    pub status: AccountStatus,
    /// The service level of the account.
    pub tier: Tier,
    /// The person who was invited with the account.
    pub primary_user_id: UserId,
    /// The account manager, if one is assigned.
    pub manager_user_id: Option<UserId>,
    /// The preset its orders resolve with.
    pub default_preset_id: Option<PresetId>,
    /// Notes for drivers.
    pub delivery_notes: String,
    /// The version, for `If-Match`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Which accounts an actor may see (docs/product.md, section 1: an account manager only those
/// assigned to them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountScope {
    /// All of the tenant.
    All,
    /// Those this person manages.
    ManagedBy(UserId),
}

impl AccountScope {
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
    /// Postcode of the new address.
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_account_stays_closed() {
        for status in [AccountStatus::Active, AccountStatus::Paused, AccountStatus::Suspended] {
            assert!(AccountStatus::Closed.change_to(status).is_err());
            assert_eq!(status.change_to(AccountStatus::Closed), Ok(AccountStatus::Closed));
        }
    }
}
