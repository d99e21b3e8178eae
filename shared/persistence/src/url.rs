//! Where the database is. The text holds a password, so it is a secret and never printed.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::DbRole;

/// A Postgres URL with a database name, for example `postgres://user:secret@db.internal:5432/kitchen`.
///
/// A Unix socket is written `postgres://user@localhost/kitchen?host=%2Frun%2Fpostgresql`.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: SecretString,
}

/// Why a text is not a database URL. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// The text is no URL.
    #[error("not a URL; expected postgres://user:password@host:port/database")]
    NotAUrl,
    /// The scheme is another one than `postgres` or `postgresql`.
    #[error("the scheme must be postgres:// or postgresql://")]
    Scheme,
    /// The path names no database.
    #[error("the URL names no database; expected postgres://user:password@host:port/database")]
    NoDatabase,
    /// The driver does not understand the port or a query parameter.
    #[error("the URL has an invalid port or parameter")]
    Parameter,
}

impl DatabaseUrl {
    /// Reads a URL. Fails with the reason when it is not one of PostgreSQL's that names a database.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let url = Url::parse(text).map_err(|_| DatabaseUrlError::NotAUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(DatabaseUrlError::Scheme);
        }
        if url.path().trim_start_matches('/').is_empty() {
            return Err(DatabaseUrlError::NoDatabase);
        }
        PgConnectOptions::from_str(url.as_str()).map_err(|_| DatabaseUrlError::Parameter)?;
        Ok(Self { text: url.to_string().into() })
    }

    /// The same server and password, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        self.changed(|url| url.set_path(name))
    }

    /// The same server, password and database, the user of `role`.
    #[must_use]
    pub fn with_role(&self, role: DbRole) -> Self {
        self.changed(|url| {
            // A postgres URL can hold a user name: setting one cannot fail.
            let _ = url.set_username(role.name());
        })
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> String {
        self.options().get_database().unwrap_or_default().to_owned()
    }

    /// The whole URL with its password, for handing to another program.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The password, if the URL has one.
    pub(crate) fn password(&self) -> Option<SecretString> {
        let url = Url::parse(self.expose()).ok()?;
        let encoded = url.password()?;
        // `PgConnectOptions` decodes the same way but does not give the password back.
        let pair = format!("p={}", encoded.replace('+', "%2B").replace('&', "%26"));
        let decoded = url::form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())?;
        Some(decoded.into())
    }

    /// What the driver connects with, as the URL's own user.
    pub(crate) fn options(&self) -> PgConnectOptions {
        // `parse` accepted the same text.
        PgConnectOptions::from_str(self.expose()).unwrap_or_else(|_| PgConnectOptions::new())
    }

    fn changed(&self, change: impl FnOnce(&mut Url)) -> Self {
        match Url::parse(self.expose()) {
            Ok(mut url) => {
                change(&mut url);
                Self { text: url.to_string().into() }
            }
            Err(_) => self.clone(),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.options();
        write!(
            f,
            "postgres://{}@{}:{}/{}",
            options.get_username(),
            options.get_host(),
            options.get_port(),
            options.get_database().unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_printed_without_its_password() {
        let url = DatabaseUrl::parse("postgres://me:hunter2@db:5432/kitchen").unwrap();
        let printed = format!("{url:?}");
        assert_eq!(printed, "postgres://me@db:5432/kitchen");
    }

    #[test]
    fn another_role_keeps_server_database_and_password() {
        let url =
            DatabaseUrl::parse("postgres://me:h%40%2Bx@db:5432/kitchen?sslmode=require").unwrap();
        let app = url.with_role(DbRole::App);
        assert_eq!(app.expose(), "postgres://bk_app:h%40%2Bx@db:5432/kitchen?sslmode=require");
        assert_eq!(app.password().unwrap().expose_secret(), "h@+x");
        assert_eq!(app.with_database("other").database(), "other");
    }

    #[test]
    fn texts_that_are_no_database_url_are_refused_with_the_reason() {
        let refusal = |text| DatabaseUrl::parse(text).unwrap_err();
        assert_eq!(refusal("kitchen"), DatabaseUrlError::NotAUrl);
        assert_eq!(refusal("mysql://me@db/kitchen"), DatabaseUrlError::Scheme);
        assert_eq!(refusal("postgres://me@db"), DatabaseUrlError::NoDatabase);
        assert_eq!(refusal("postgres://me@db/kitchen?sslmode=maybe"), DatabaseUrlError::Parameter);
    }
}
