//! `/admin/accounts`.

mod forms;
mod handlers;
mod preferences;

use bk_guard::{Problem, Routes};
use bk_kernel::Code;

use super::{create_account::CreateAccountError, update_account::UpdateAccountError};

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(handlers::list_accounts)
        .mount(handlers::create_account)
        .mount(handlers::get_account)
        .mount(handlers::update_account)
        .mount(handlers::assign_account_manager)
        .mount(preferences::get_account_preferences);
}

impl From<CreateAccountError> for Problem {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::EmailTaken => Self::new(Code::Conflict)
                .detail("This address already belongs to a user of this tenant."),
            CreateAccountError::EmailInvalid => {
                Self::field("/client/email", "format", "an e-mail address")
            }
            CreateAccountError::UnknownPreset => {
                Self::field("/default_preset_id", "reference", "a preset of this kitchen")
            }
            CreateAccountError::UnknownManager => {
                Self::field("/manager_user_id", "reference", "a member of this kitchen")
            }
            CreateAccountError::Db(error) => error.into(),
        }
    }
}

impl From<UpdateAccountError> for Problem {
    fn from(error: UpdateAccountError) -> Self {
        match error {
            UpdateAccountError::NotFound => Self::new(Code::NotFound),
            UpdateAccountError::Stale => Self::new(Code::PreconditionFailed),
            UpdateAccountError::Status(status) => Self::state(status),
            UpdateAccountError::UnknownPreset => {
                Self::field("/default_preset_id", "reference", "a preset of this kitchen")
            }
            UpdateAccountError::UnknownManager => {
                Self::field("/manager_user_id", "reference", "a member of this kitchen")
            }
            UpdateAccountError::Db(error) => error.into(),
        }
    }
}
