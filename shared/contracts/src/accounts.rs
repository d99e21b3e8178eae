//! The port from a person to the account they order for. Implemented by the kitchen; asked by
//! billing.

use async_trait::async_trait;
use bk_kernel::{AccountId, UserId};
use bk_persistence::{DbError, TenantTx};

/// Knows which account a person orders for.
#[async_trait]
pub trait AccountDirectory: Send + Sync {
    /// The account `user` belongs to, or none: staff, or a customer not yet brought on board.
    async fn account_of(&self, tx: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError>;
}
