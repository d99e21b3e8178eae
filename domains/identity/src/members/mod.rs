//! Members: what staff may do with the users of their tenant.
//!
//! Invariants (product page, section 1): nobody gives or takes roles that permit what they do not
//! hold themselves; the last active owner is neither disabled nor demoted, however many try at once;
//! whoever is disabled is out at once.

mod change_roles;
mod disable_member;
pub(crate) mod http;
mod read_members;
mod rules;

pub(crate) use change_roles::{ChangeRoles, ChangeRolesError, change_roles};
pub(crate) use disable_member::{DisableError, disable_member, withdraw_invitation};
pub(crate) use read_members::{list_members, read_member};
pub(crate) use rules::{By, covers};
