//! Creates an invited user, or takes back one who was invited before and never came.

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::{OperationContext, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{
    email::{Email, NotAnEmail},
    store,
    user::{CLIENT_ROLE, Credentials, NewUser, UserKind, UserStatus, normalize_roles},
};

/// The user to create.
#[derive(Debug, Clone)]
pub(crate) struct CreateUser {
    /// The address as typed.
    pub(crate) email: String,
    /// The name shown to people.
    pub(crate) display_name: String,
    /// Keys of the roles.
    pub(crate) roles: Vec<String>,
}

/// Why no user was created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateUserError {
    /// Another user of the tenant has the address.
    #[error("the address is taken")]
    EmailTaken,
    /// The address is not an e-mail address.
    #[error("not an e-mail address")]
    EmailInvalid(#[from] NotAnEmail),
    /// The tenant has no role with this key, or `client` came with others, or no role was named.
    #[error("unknown role {0}")]
    UnknownRole(String),
    /// The user could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// A user who has no password yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CreatedUser {
    /// The user is new.
    New(UserId),
    /// The address belonged to a user who never had a password; it is theirs again. Whether they
    /// have an open invitation is the caller's to check.
    Returned(UserId),
}

/// Creates the user as `INVITED`. An address whose earlier invitation was withdrawn or deleted
/// before it was accepted gets its old row back, so that no address is ever lost. When this fails
/// the transaction must be rolled back.
pub(crate) async fn create_user(
    ctx: &OperationContext,
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    command: &CreateUser,
) -> Result<CreatedUser, CreateUserError> {
    let email: Email = command.email.parse()?;
    let roles = normalize_roles(&command.roles);
    let kind = UserKind::of_roles(&roles).ok_or_else(|| {
        CreateUserError::UnknownRole(roles.first().map_or("", |_| CLIENT_ROLE).to_owned())
    })?;
    if let Some(unknown) = catalogue.unknown(tx, &roles).await?.into_iter().next() {
        return Err(CreateUserError::UnknownRole(unknown));
    }
    let new = NewUser {
        id: UserId::new(),
        email,
        display_name: command.display_name.clone(),
        kind,
        status: UserStatus::Invited,
        password: None,
        at: ctx.at(),
    };
    let created = if store::insert(tx, &new).await? {
        CreatedUser::New(new.id)
    } else {
        let holder = store::lock_by_email(tx, &new.email).await?;
        let holder = holder.ok_or_else(|| DbError::other("a new user's id is taken"))?;
        CreatedUser::Returned(take_back(tx, &holder, &new).await?)
    };
    let (CreatedUser::New(id) | CreatedUser::Returned(id)) = created;
    store::replace_roles(tx, id, &roles).await?;
    Ok(created)
}

async fn take_back(
    tx: &TenantTx,
    holder: &Credentials,
    new: &NewUser,
) -> Result<UserId, CreateUserError> {
    if holder.user.status == UserStatus::Active || holder.password.is_some() {
        return Err(CreateUserError::EmailTaken);
    }
    store::invite_again(tx, holder.user.id, new).await?;
    Ok(holder.user.id)
}
