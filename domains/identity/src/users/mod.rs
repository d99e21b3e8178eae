//! Users: the people of a tenant, their addresses, kinds, statuses and the roles they hold.
//!
//! A user belongs to one tenant; the same address at two tenants is two unrelated users
//! (docs/product.md, section 1). Passwords pass through here as PHC strings only. What a role permits is the
//! role catalogue's business, not this slice's.
//!
//! Invariants: one user per address and tenant; an active user has a password; `client` is never
//! held together with another role; nobody gives or takes roles that permit what they do not hold
//! themselves; the last active owner is neither disabled nor demoted, however many try at once.

mod activate_user;
mod change_user_roles;
mod confirm_login;
mod create_user;
mod disable_user;
mod email;
mod entity;
mod find_users;
mod grants;
mod lock_user;
mod seed_user;
mod store;
mod user;

pub(crate) use activate_user::activate_user;
pub(crate) use change_user_roles::{ChangeRoles, ChangeRolesError, change_user_roles};
pub(crate) use confirm_login::confirm_login;
pub(crate) use create_user::{CreateUser, CreateUserError, CreatedUser, create_user};
pub(crate) use disable_user::{DisableUserError, disable_user};
pub(crate) use email::Email;
pub(crate) use find_users::{
    find_credentials, find_member, find_members, find_user, is_role_held, list_members,
    summarize_users,
};
pub(crate) use grants::may_grant;
pub(crate) use lock_user::lock_user;
pub(crate) use seed_user::seed_user;
pub(crate) use user::{Credentials, Member, User, UserKind, UserStatus};
