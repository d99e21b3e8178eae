//! What the fields of this domain's requests may hold. Each rule stands in the document as a pattern
//! with the same meaning.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use validator::ValidationError;

use crate::{passwords::MAX_CHARS, users::Email};

/// The key of a role.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[a-z0-9_-]{1,50}$", min_length = 1, max_length = 50, example = "kitchen")]
pub(crate) struct RoleKey(pub(crate) String);

/// A password or token in a request. The validator wants fields that can be serialised, to put
/// refused values into its errors; this one serialises as nothing worth reading.
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

/// A tenant's slug: `^[a-z0-9-]{1,40}$`. Only the form is looked at.
pub(crate) fn slug(text: &str) -> Result<(), ValidationError> {
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=40).contains(&text.len()) && text.bytes().all(sound) {
        Ok(())
    } else {
        refuse("format", "lower-case letters, digits and dashes")
    }
}

/// What somebody typed as their address when logging in: anything without control characters.
pub(crate) fn typed_email(text: &str) -> Result<(), ValidationError> {
    if !(1..=Email::MAX_CHARS).contains(&text.chars().count()) {
        return refuse("length", "between 1 and 254 characters");
    }
    if text.chars().any(is_control) { refuse("format", "no control characters") } else { Ok(()) }
}

/// A password as typed at login. Whether it would be good enough today does not matter.
pub(crate) fn typed_password(password: &Secret) -> Result<(), ValidationError> {
    let length = password.0.expose_secret().chars().count();
    if (1..=MAX_CHARS).contains(&length) {
        Ok(())
    } else {
        refuse("length", "between 1 and 128 characters")
    }
}

/// A token as presented: up to 128 visible ASCII characters.
pub(crate) fn token(token: &Secret) -> Result<(), ValidationError> {
    let text = token.0.expose_secret();
    if (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(())
    } else {
        refuse("format", "the token of the mail, without spaces")
    }
}

/// An address to invite.
pub(crate) fn email(text: &str) -> Result<(), ValidationError> {
    match text.parse::<Email>() {
        Ok(_) if text.chars().count() <= Email::MAX_CHARS => Ok(()),
        _ => refuse("format", "an e-mail address"),
    }
}

/// A name for people: something visible, one line.
pub(crate) fn display_name(text: &str) -> Result<(), ValidationError> {
    if !(1..=120).contains(&text.chars().count()) {
        return refuse("length", "between 1 and 120 characters");
    }
    let one_line = !text.chars().any(is_control);
    let visible = text.chars().any(|c| c > ' ' && c != '\x7f');
    if one_line && visible { Ok(()) } else { refuse("format", "a name on one line") }
}

/// The roles somebody will hold.
pub(crate) fn roles(keys: &[RoleKey]) -> Result<(), ValidationError> {
    if !(1..=20).contains(&keys.len()) {
        return refuse("length", "between 1 and 20 roles");
    }
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let all =
        keys.iter().all(|RoleKey(key)| (1..=50).contains(&key.len()) && key.bytes().all(sound));
    if all { Ok(()) } else { refuse("format", "keys of roles") }
}

/// The keys themselves.
pub(crate) fn keys(roles: Vec<RoleKey>) -> Vec<String> {
    roles.into_iter().map(|RoleKey(key)| key).collect()
}
