//! Which accounts an operation may see.

use bk_kernel::{Actor, Authorized, permission::Permission};
use bk_kitchen_core::permissions::AccountsAll;

use super::account::AccountScope;

impl AccountScope {
    /// The scope of an operation: all accounts for the product itself and for staff with
    /// `accounts.all`, the assigned ones for everyone else.
    #[must_use]
    pub fn of<P: Permission>(ctx: &Authorized<P>) -> Self {
        match ctx.actor() {
            Some(actor) if !actor.permissions.contains(AccountsAll::DEF.key) => {
                Self::ManagedBy(actor.user_id)
            }
            _ => Self::All,
        }
    }

    /// The scope of a member of staff, for use cases that have not been moved to the context.
    #[must_use]
    pub fn of_actor(actor: &Actor) -> Self {
        if actor.permissions.contains(AccountsAll::DEF.key) {
            Self::All
        } else {
            Self::ManagedBy(actor.user_id)
        }
    }
}
