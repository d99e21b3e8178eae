//! What an administrator does once per server and database: the roles, the database, and what
//! other roles may not do in it.
//!
//! Idempotent and safe to run from several processes at once. Needs a superuser, or a role that may
//! create roles (with `BYPASSRLS`) and databases.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use secrecy::{ExposeSecret, SecretString};

use crate::{DatabaseUrl, DbError, DbRole, pool};

/// Owns every object; cannot log in.
pub const OWNER: &str = "bk_owner";

/// One process at a time, per server: roles are shared by all databases.
const LOCK: i64 = 0x626b_0001;

/// Everything here may be repeated.
const ATTEMPTS: usize = 3;

/// Creates the roles and the database `name`, owned by [`OWNER`] and closed to all other roles.
/// `admin` names an existing database to connect to, usually `postgres`.
///
/// Login roles that did not exist get the password of `admin`, if it has one, so that one URL
/// serves in development; in production an operator sets each role's own (`ALTER ROLE … PASSWORD`),
/// which this never changes back.
///
/// Fails when the user of `admin` may not create roles and databases.
pub async fn bootstrap(admin: &DatabaseUrl, name: &str) -> Result<(), DbError> {
    let mut server = pool::connect(&admin.options()).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut server).await?;
    let mut done = on_server(&mut server, admin.password(), name).await;
    // The lock is one database's; another process may bootstrap from another one at the same time.
    for _ in 1..ATTEMPTS {
        if done.is_err() {
            done = on_server(&mut server, admin.password(), name).await;
        }
    }
    // Closing the connection also lets go of the lock, whatever happened.
    server.close().await?;
    done?;

    let mut database = pool::connect(&admin.with_database(name).options()).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut database).await?;
    let done = sqlx::raw_sql(REVOKE_FROM_PUBLIC).execute(&mut database).await;
    database.close().await?;
    done?;
    Ok(())
}

/// Whether the roles and the database are there.
pub async fn is_bootstrapped(admin: &DatabaseUrl, name: &str) -> Result<bool, DbError> {
    let mut server = pool::connect(&admin.options()).await?;
    let there = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)
            AND (SELECT count(*) = 6 FROM pg_roles WHERE rolname IN
                ('bk_owner', 'bk_migrate', 'bk_app', 'bk_worker', 'bk_platform', 'bk_backup'))",
    )
    .bind(name)
    .fetch_one(&mut server)
    .await?;
    server.close().await?;
    Ok(there)
}

async fn on_server(
    server: &mut PgConnection,
    password: Option<SecretString>,
    name: &str,
) -> Result<(), DbError> {
    create_role(server, OWNER, "NOLOGIN", None).await?;
    for role in DbRole::ALL {
        let rights = match role {
            DbRole::Backup => "LOGIN BYPASSRLS",
            _ => "LOGIN NOBYPASSRLS",
        };
        create_role(server, role.name(), rights, password.as_ref()).await?;
    }
    sqlx::raw_sql("GRANT bk_owner TO bk_migrate; GRANT pg_read_all_data TO bk_backup")
        .execute(&mut *server)
        .await?;
    // A creator that is no superuser must be a member to hand the database over.
    let handover: Option<String> = sqlx::query_scalar(
        "SELECT format('GRANT bk_owner TO %I', current_user)
         WHERE NOT pg_has_role(current_user, 'bk_owner', 'MEMBER')",
    )
    .fetch_optional(&mut *server)
    .await?;
    if let Some(grant) = handover {
        sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut *server).await?;
    }
    let create: Option<String> = sqlx::query_scalar(
        "SELECT format('CREATE DATABASE %I OWNER bk_owner', $1::text)
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = $1)",
    )
    .bind(name)
    .fetch_optional(&mut *server)
    .await?;
    if let Some(create) = create {
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *server).await?;
    }
    close_to_public(server, name).await
}

/// Lets only our roles connect to a database, and none of them create anything in it, not
/// even temporary tables. A copy of a database does not inherit this.
pub async fn close_to_public(server: &mut PgConnection, name: &str) -> Result<(), DbError> {
    let close: String = sqlx::query_scalar(
        "SELECT format('REVOKE ALL ON DATABASE %1$I FROM PUBLIC;
            GRANT CONNECT ON DATABASE %1$I TO bk_migrate, bk_app, bk_worker, bk_platform, bk_backup', $1::text)",
    )
    .bind(name)
    .fetch_one(&mut *server)
    .await?;
    sqlx::raw_sql(AssertSqlSafe(close)).execute(server).await?;
    Ok(())
}

async fn create_role(
    server: &mut PgConnection,
    role: &str,
    rights: &str,
    password: Option<&SecretString>,
) -> Result<(), DbError> {
    // The server quotes, so no password can end the literal early.
    let create: Option<String> = sqlx::query_scalar(
        "SELECT format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT ', $1::text)
                || $2 || coalesce(format(' PASSWORD %L', $3::text), '')
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
    )
    .bind(role)
    .bind(rights)
    .bind(password.map(ExposeSecret::expose_secret))
    .fetch_optional(&mut *server)
    .await?;
    if let Some(create) = create {
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *server).await?;
    }
    Ok(())
}

/// Only the owner creates objects, and a function is for those it was granted to.
const REVOKE_FROM_PUBLIC: &str = "
    ALTER SCHEMA public OWNER TO bk_owner;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO bk_app, bk_worker, bk_platform, bk_backup;
    ALTER DEFAULT PRIVILEGES FOR ROLE bk_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
";
