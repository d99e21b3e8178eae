//! Words of products on the wire.

use bk_guard::Word;
use bk_kitchen_core::Tier;

use crate::products::product::{AccountManagerLevel, BillingInterval};

/// A service level.
pub(crate) type TierWord = Word<Tier>;
/// How often a plan is paid.
pub(crate) type BillingIntervalWord = Word<BillingInterval>;
/// What an account manager does for an account.
pub(crate) type AccountManagerLevelWord = Word<AccountManagerLevel>;
