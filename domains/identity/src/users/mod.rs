//! Users: the people of a tenant, their addresses, kinds, statuses and the roles they hold.
//!
//! A user belongs to one tenant; the same address at two tenants is two unrelated users (product
//! page, section 1). Passwords pass through here as PHC strings only. What a role permits is the
//! role catalogue's business, not this slice's.
//!
//! Invariants: one user per address and tenant; an active user has a password; `client` is never
//! held together with another role.

mod create_user;
pub(crate) mod entity;
mod seed_user;
mod store;
mod user;

pub(crate) use create_user::{CreateError, CreateUser, create_user};
pub use seed_user::SeedUser;
pub(crate) use seed_user::seed_user;
pub(crate) use store::{
    Credentials, Member, activate, by_email, by_id, change_roles, disable, has_other_active_owner,
    list, lock, lock_owners, logged_in, member, members, renew_password, role_in_use, roles_of,
    summaries,
};
pub(crate) use user::tidy_roles;
pub use user::{CLIENT_ROLE, Email, NotAnEmail, OWNER_ROLE, User, UserKind, UserStatus};
