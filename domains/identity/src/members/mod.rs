//! Members: what staff may do with the users of their tenant.
//!
//! Invariants: a change of roles is in force in running sessions at once; a disabled member is
//! logged out everywhere at once; every change is audited. Who may give which roles, and that an
//! owner remains, is decided by [`users`](crate::users).

mod change_roles;
mod disable_member;
mod get_member;
pub(crate) mod http;
mod list_members;

pub(crate) use change_roles::change_roles;
pub(crate) use disable_member::{DisableMemberError, disable_member};
pub(crate) use get_member::get_member;
pub(crate) use list_members::list_members;
