//! What the routes of this domain share.

pub(crate) mod fields;
mod models;
mod registration;
mod requested_tenant;
mod surfaces;

use bk_guard::Problem;
use bk_kernel::Code;

pub(crate) use self::{
    models::{SessionTenant, SessionUser},
    requested_tenant::{anonymous_context, requested_tenant},
    surfaces::{AdminSurface, ClientSurface, LoginSurface, On, SharedHandler},
};
use crate::{password_pool::Busy, users::DisableUserError};

/// Why a caller may not give or take roles.
pub(crate) const NOT_HELD: &str = "These roles permit more than you hold yourself.";

/// What to do before an owner can be disabled or demoted.
pub(crate) const LAST_OWNER: &str = "Make somebody else an owner first.";

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        Self::new(Code::Unavailable).retry_after(Busy::RETRY_AFTER_SECS)
    }
}

impl From<DisableUserError> for Problem {
    fn from(error: DisableUserError) -> Self {
        match error {
            DisableUserError::Forbidden => Self::new(Code::Forbidden).detail(NOT_HELD),
            DisableUserError::LastOwner => Self::new(Code::LastOwner).detail(LAST_OWNER),
            DisableUserError::Db(error) => error.into(),
        }
    }
}
