//! What a role may do on a server, checked before it is used, and the passwords of our roles.

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection};

use crate::{Database, DatabaseUrl, DbError, DbRole, pool, store::sql};

/// Why a role is refused for requests or background work.
#[derive(Debug, thiserror::Error)]
pub enum RightsError {
    /// Row-level security does not bind it.
    #[error("the database role {role} {why}; tenants would not be fenced off from each other")]
    TooPowerful {
        /// The role that was checked.
        role: DbRole,
        /// The right that it must not have.
        why: String,
    },
    /// The server could not be asked.
    #[error("the rights of the database role could not be read")]
    Database(#[from] DbError),
}

/// Fails with [`RightsError::TooPowerful`] when row-level security does not bind the role: a superuser,
/// one with `BYPASSRLS` or `CREATEROLE`, or a member of the owner or of any other role.
pub async fn check(database: &Database) -> Result<(), RightsError> {
    let role = database.role();
    let too_powerful = async |tx| {
        sql("SELECT CASE
                WHEN rolsuper THEN 'is a superuser'
                WHEN rolbypassrls THEN 'bypasses row-level security'
                WHEN rolcreaterole THEN 'may create roles'
                WHEN EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
                    THEN 'is a member of another role'
             END
             FROM pg_roles WHERE rolname = current_user")
        .value::<Option<String>>(&tx)
        .await
    };
    match database.global(too_powerful).await? {
        Some(why) => Err(RightsError::TooPowerful { role, why }),
        None => Ok(()),
    }
}

/// Whether the URL's own user is a superuser, who can [`bootstrap`](crate::bootstrap::bootstrap).
pub async fn is_superuser(url: &DatabaseUrl) -> Result<bool, DbError> {
    let mut server = pool::connect(&url.options()).await?;
    let superuser =
        sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            .fetch_one(&mut server)
            .await?;
    server.close().await?;
    Ok(superuser)
}

/// Gives roles the passwords that their URLs carry; a role whose URL has none keeps its own.
/// `admin` names an existing database and a user who may change roles; fails when it may not.
pub async fn set_passwords(
    admin: &DatabaseUrl,
    urls: &[(DbRole, DatabaseUrl)],
) -> Result<(), DbError> {
    let mut server = pool::connect(&admin.options()).await?;
    for (role, url) in urls {
        let Some(password) = url.password() else { continue };
        // The server quotes, so no password can end the literal early.
        let change: String =
            sqlx::query_scalar("SELECT format('ALTER ROLE %I PASSWORD %L', $1, $2)")
                .bind(role.name())
                .bind(password.expose_secret())
                .fetch_one(&mut server)
                .await?;
        sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut server).await?;
    }
    server.close().await?;
    Ok(())
}
