//! What a role may do on a server: looked at before it is trusted, and the passwords of ours.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{Database, DatabaseUrl, DbError, DbRole};

/// Why a role is not trusted with requests or background work.
#[derive(Debug, thiserror::Error)]
pub enum RightsError {
    /// Row-level security does not bind it.
    #[error("the database role {role} {why}; tenants would not be fenced off from each other")]
    TooPowerful {
        /// The role.
        role: DbRole,
        /// Which right it has too many.
        why: &'static str,
    },
    /// The server could not be asked.
    #[error("the rights of the database role could not be read")]
    Database(#[from] DbError),
}

/// Refuses a role that row-level security does not bind: a superuser, one with `BYPASSRLS`, or a
/// member of the owner or of any other role.
pub async fn check(database: &Database) -> Result<(), RightsError> {
    let role = database.role();
    let ask = Statement::from_string(
        DbBackend::Postgres,
        "SELECT rolsuper, rolbypassrls, rolcreaterole,
                EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) AS is_member
         FROM pg_roles WHERE rolname = current_user",
    );
    let row =
        database.global(async move |tx| Ok::<_, DbError>(tx.query_one_raw(ask).await?)).await?;
    let row = row.ok_or_else(|| DbError::other("the role is not in pg_roles"))?;
    let checks = [
        ("rolsuper", "is a superuser"),
        ("rolbypassrls", "bypasses row-level security"),
        ("rolcreaterole", "may create roles"),
        ("is_member", "is a member of another role"),
    ];
    for (column, why) in checks {
        if row.try_get("", column).map_err(DbError::from)? {
            return Err(RightsError::TooPowerful { role, why });
        }
    }
    Ok(())
}

/// Whether the URL's own user is a superuser, who can [`bootstrap`](crate::bootstrap::bootstrap).
pub async fn is_superuser(url: &DatabaseUrl) -> Result<bool, DbError> {
    let mut server = PgConnection::connect_with(&url.options()).await?;
    let superuser =
        sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            .fetch_one(&mut server)
            .await?;
    server.close().await?;
    Ok(superuser)
}

/// Gives roles the passwords that their URLs carry; a role whose URL has none keeps its own.
/// `admin` names an existing database and a user who may change roles.
pub async fn take_passwords(
    admin: &DatabaseUrl,
    urls: &[(DbRole, DatabaseUrl)],
) -> Result<(), DbError> {
    let mut server = PgConnection::connect_with(&admin.options()).await?;
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
