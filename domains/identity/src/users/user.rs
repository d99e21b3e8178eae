//! The model of a user: an address, a name, a kind, a status. Pure.

use std::{fmt, str::FromStr};

use bk_kernel::UserId;

/// The role that makes a customer; nobody holds it together with another.
pub const CLIENT_ROLE: &str = "client";

/// The role of which a tenant keeps at least one active holder.
pub const OWNER_ROLE: &str = "owner";

/// A normalised e-mail address: ASCII, trimmed, lower case, at most 254 characters (RFC 5321,
/// section 4.5.3.1.3), of the form browsers accept with at least two labels in its domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    /// The most characters an address has.
    pub const MAX_CHARS: usize = 254;

    /// The form of an address, for the document; exactly what [`Email::from_str`] accepts.
    pub const PATTERN: &str = "^ *[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+ *$";

    /// The normalised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim_matches(' ');
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let sound = text.len() <= Self::MAX_CHARS
            && (1..=64).contains(&local.len())
            && local.bytes().all(is_local)
            && domain.contains('.')
            && domain.split('.').all(is_label);
        if sound { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAnEmail) }
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

/// A label of a host name (RFC 1123, section 2.1).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// On which side of the counter somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserKind {
    /// A customer: client surface only.
    Client,
    /// Staff of the tenant: admin surface only.
    Staff,
}

impl UserKind {
    /// As stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "CLIENT",
            Self::Staff => "STAFF",
        }
    }

    /// The kind that holds `roles`; none when there are no roles or when `client` is mixed with
    /// others.
    #[must_use]
    pub fn of_roles(roles: &[String]) -> Option<Self> {
        let clients = roles.iter().filter(|role| *role == CLIENT_ROLE).count();
        match (roles.len(), clients) {
            (0, _) => None,
            (_, 0) => Some(Self::Staff),
            (all, clients) if all == clients => Some(Self::Client),
            _ => None,
        }
    }
}

/// Where somebody is in their life with the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// Has not accepted their invitation: no password yet.
    Invited,
    /// May log in.
    Active,
    /// May not.
    Disabled,
}

impl UserStatus {
    /// As stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "INVITED",
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
        }
    }
}

/// A stored word that the model does not know: the schema's checks and this crate disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored word is unknown")]
pub struct UnknownWord;

impl FromStr for UserKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Client, Self::Staff]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownWord)
    }
}

impl FromStr for UserStatus {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Invited, Self::Active, Self::Disabled]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownWord)
    }
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Somebody, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person.
    pub id: UserId,
    /// Their normalised address.
    pub email: String,
    /// What to call them.
    pub display_name: String,
    /// Client or staff.
    pub kind: UserKind,
    /// Invited, active or disabled.
    pub status: UserStatus,
    /// Counts the changes of roles and status.
    pub version: i64,
}

/// Role keys, sorted and without repetition.
#[must_use]
pub(crate) fn tidy_roles(roles: &[String]) -> Vec<String> {
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_lowered() {
        let email: Email = "  Ada.Lovelace+soup@Example.TEST ".parse().unwrap();
        assert_eq!(email.as_str(), "ada.lovelace+soup@example.test");
        assert_eq!(email.local_part(), "ada.lovelace+soup");
    }

    #[test]
    fn what_browsers_refuse_is_refused() {
        let long = format!("{}@{}.test", "a".repeat(64), "b".repeat(63));
        assert!(long.parse::<Email>().is_ok());
        let labels = format!("a@{}test", "b.".repeat(130));
        for bad in [
            "",
            "@",
            "a@",
            "@b.test",
            "a@b",
            "a b@c.test",
            "a@b..test",
            "a@-b.test",
            "a@b-.test",
            "ä@b.test",
            "a@b.test\n",
            "a@b@c.test",
            "a\0@b.test",
            &labels,
        ] {
            assert_eq!(bad.parse::<Email>(), Err(NotAnEmail), "{bad:?}");
        }
    }

    #[test]
    fn the_client_role_makes_a_customer_and_never_mixes() {
        let roles = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(UserKind::of_roles(&roles(&["client"])), Some(UserKind::Client));
        assert_eq!(UserKind::of_roles(&roles(&["kitchen", "driver"])), Some(UserKind::Staff));
        assert_eq!(UserKind::of_roles(&roles(&["client", "driver"])), None);
        assert_eq!(UserKind::of_roles(&[]), None);
    }
}
