//! Roles: what a tenant's people may do.
//!
//! Owns `admin_roles` and the catalogue of permissions. Invariants: a role holds permissions of the
//! catalogue only; an editor puts into a role, and takes out of it, only permissions they hold
//! themselves; permissions of customers (`own.*`) and of operators (`platform.*`) are in built-in roles
//! only; built-in roles follow the catalogue and cannot be changed; a role that people hold is not
//! deleted; any change ends cached sessions.

mod builtin;
mod catalogue;
mod create_role;
mod delete_role;
mod entity;
pub(crate) mod http;
mod list_permissions;
mod put_builtin_roles;
mod read_roles;
mod role;
mod store;
mod update_role;

pub(crate) use builtin::{OWNER, TenantKind};
pub(crate) use catalogue::Catalogue;
pub(crate) use put_builtin_roles::put_builtin_roles;
pub(crate) use read_roles::{lock_unknown_roles, permissions_of};
