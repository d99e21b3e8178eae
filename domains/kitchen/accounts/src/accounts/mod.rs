//! Accounts: the paying customers (docs/product.md, section 2).
//!
//! Invariants: an account has a primary user, and a person belongs to one account; staff without
//! `accounts.all` see only the accounts they manage; a `CLOSED` account stays closed.

mod account;
mod account_scope;
mod assign_manager;
mod create_account;
mod entity;
mod find_account;
mod http;
mod lock_account;
mod read_accounts;
mod store;
mod update_account;

pub use account::{Account, AccountScope, AccountStatus, NewAddress};
pub use assign_manager::assign_manager;
pub use create_account::{CreateAccount, CreateAccountError, create_account};
pub use find_account::{account_in_scope, account_of, account_of_user};
pub use http::routes;
pub use lock_account::{lock_account, lock_account_of, lock_accounts};
pub use read_accounts::{get_account, get_preferences, list_accounts};
pub use update_account::{AccountChanges, AccountVersion, UpdateAccountError, update_account};
