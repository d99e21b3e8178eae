//! Words of the model on the wire.

use bk_kitchen_core::choices;

use crate::products::offer::{AccountManagerLevel, BillingInterval};

choices! {
    /// How often a plan is paid.
    BillingIntervalChoice = BillingInterval, "BillingInterval", "WEEK";
    /// What an account manager does for an account.
    AccountManagerLevelChoice = AccountManagerLevel, "AccountManagerLevel", "PARTIAL";
}
