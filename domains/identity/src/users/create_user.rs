//! Makes an invited user, or wakes one who never came.

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::UserId;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    store,
    user::{CLIENT_ROLE, Email, NotAnEmail, UserKind, UserStatus, tidy_roles},
};

/// Whom to make.
#[derive(Debug, Clone)]
pub(crate) struct CreateUser {
    /// As typed.
    pub(crate) email: String,
    /// What to call them.
    pub(crate) display_name: String,
    /// Role keys.
    pub(crate) roles: Vec<String>,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

/// Why nobody was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateError {
    /// Somebody has the address.
    #[error("the address is taken")]
    EmailTaken,
    /// It is none.
    #[error("not an e-mail address")]
    EmailInvalid(#[from] NotAnEmail),
    /// The tenant has no such role, or `client` came with others, or there was none at all.
    #[error("unknown role {0}")]
    UnknownRole(String),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// The new user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// Their id: of the earlier row when they had been invited before and never came.
    pub(crate) id: UserId,
}

/// Creates the user as `INVITED`. An address whose earlier invitation was withdrawn or forgotten
/// before it was accepted gets its old row back, so that an address is never lost.
pub(crate) async fn create_user(
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    new: CreateUser,
) -> Result<Created, CreateError> {
    let email: Email = new.email.parse()?;
    let roles = tidy_roles(&new.roles);
    let kind = UserKind::of_roles(&roles).ok_or_else(|| {
        CreateError::UnknownRole(roles.first().map_or("", |_| CLIENT_ROLE).to_owned())
    })?;
    if let Some(unknown) = catalogue.unknown(tx, &roles).await?.into_iter().next() {
        return Err(CreateError::UnknownRole(unknown));
    }
    let row = store::NewUser {
        id: UserId::new(),
        email: &email,
        display_name: &new.display_name,
        kind,
        status: UserStatus::Invited,
        password: None,
        at: new.at,
    };
    let id = match store::insert_or_find(tx, &row).await? {
        store::Inserted::New => row.id,
        store::Inserted::Exists(id) => {
            let revived = store::revive(tx, id, kind, &new.display_name, new.at).await?;
            if !revived {
                return Err(CreateError::EmailTaken);
            }
            id
        }
    };
    store::replace_roles(tx, id, &roles).await?;
    Ok(Created { id })
}
