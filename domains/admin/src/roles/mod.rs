//! Roles: what a tenant's people may do.
//!
//! Owns `admin_roles` and the catalogue of permissions. Invariants: a role holds permissions of the
//! catalogue only; nobody puts a permission into a role, or takes one out, that they do not hold
//! themselves; customers' (`own.*`) and operators' (`platform.*`) permissions are in built-in roles
//! only; built-in roles follow the catalogue and are changed by nobody; a role somebody holds is not
//! deleted; any change ends cached sessions.

pub(crate) mod builtin;
mod catalogue;
mod create_role;
mod delete_role;
mod entity;
pub(crate) mod http;
mod read_roles;
mod replace_role;
mod role;
mod store;
mod sync_builtin_roles;

pub(crate) use catalogue::Catalogue;
pub(crate) use read_roles::{permissions_of, unknown};
pub(crate) use sync_builtin_roles::{put_builtin, sync_builtin_roles};

#[cfg(test)]
pub(crate) use {
    create_role::{CreateRoleError, create_role},
    delete_role::{DeleteRoleError, delete_role},
    read_roles::read_role,
    replace_role::{ReplaceRole, ReplaceRoleError, replace_role},
    role::{GrantError, NewRole, RoleKey, RoleTitle},
};
