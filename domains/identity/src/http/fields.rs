//! Checks of the fields of this domain's requests. Each stands in the document as a pattern with the
//! same meaning.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use validator::ValidationError;

use crate::{password_policy::MAX_CHARS, users::Email};

/// The key of a role.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[a-z0-9_-]{1,50}$", min_length = 1, max_length = 50, example = "kitchen")]
pub(crate) struct RoleKey(pub(crate) String);

/// A password or token in a request. The validator demands that fields can be serialised, because it
/// puts refused values into its errors; this one is serialised without its value.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) SecretString);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("…")
    }
}

fn refuse(code: &'static str, message: &'static str) -> Result<(), ValidationError> {
    Err(ValidationError::new(code).with_message(Cow::Borrowed(message)))
}

fn is_control(c: char) -> bool {
    c < ' ' || c == '\x7f'
}

/// Checks a tenant's slug: `^[a-z0-9-]{1,40}$`. Whether it is one's slug does not matter here.
pub(crate) fn slug(text: &str) -> Result<(), ValidationError> {
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=40).contains(&text.len()) && text.bytes().all(is_allowed) {
        Ok(())
    } else {
        refuse("format", "lower-case letters, digits and dashes")
    }
}

/// Checks an address as typed at login: anything without control characters.
pub(crate) fn typed_email(text: &str) -> Result<(), ValidationError> {
    if !(1..=Email::MAX_CHARS).contains(&text.chars().count()) {
        return refuse("length", "between 1 and 254 characters");
    }
    if text.chars().any(is_control) { refuse("format", "no control characters") } else { Ok(()) }
}

/// Checks a password as typed. Whether it is good enough for a new one is not checked here.
pub(crate) fn typed_password(password: &Secret) -> Result<(), ValidationError> {
    let length = password.0.expose_secret().chars().count();
    if (1..=MAX_CHARS).contains(&length) {
        Ok(())
    } else {
        refuse("length", "between 1 and 128 characters")
    }
}

/// Checks a token as presented: up to 128 visible ASCII characters.
pub(crate) fn token(token: &Secret) -> Result<(), ValidationError> {
    let text = token.0.expose_secret();
    if (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(())
    } else {
        refuse("format", "the token of the mail, without spaces")
    }
}

/// Checks an address to invite.
pub(crate) fn email(text: &str) -> Result<(), ValidationError> {
    match text.parse::<Email>() {
        Ok(_) if text.chars().count() <= Email::MAX_CHARS => Ok(()),
        _ => refuse("format", "an e-mail address"),
    }
}

/// Checks a name shown to people: one line with something visible in it.
pub(crate) fn display_name(text: &str) -> Result<(), ValidationError> {
    if !(1..=120).contains(&text.chars().count()) {
        return refuse("length", "between 1 and 120 characters");
    }
    let one_line = !text.chars().any(is_control);
    let visible = text.chars().any(|c| c > ' ' && c != '\x7f');
    if one_line && visible { Ok(()) } else { refuse("format", "a name on one line") }
}

/// Checks the keys of roles that a user will hold.
pub(crate) fn roles(keys: &[RoleKey]) -> Result<(), ValidationError> {
    if !(1..=20).contains(&keys.len()) {
        return refuse("length", "between 1 and 20 roles");
    }
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let all = keys
        .iter()
        .all(|RoleKey(key)| (1..=50).contains(&key.len()) && key.bytes().all(is_allowed));
    if all { Ok(()) } else { refuse("format", "keys of roles") }
}

/// Returns the keys as text.
pub(crate) fn keys(roles: Vec<RoleKey>) -> Vec<String> {
    roles.into_iter().map(|RoleKey(key)| key).collect()
}
