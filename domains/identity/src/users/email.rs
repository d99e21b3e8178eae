//! The e-mail address of a user. Pure.

use std::str::FromStr;

/// A normalised e-mail address: ASCII, trimmed, lower case, at most 254 characters (RFC 5321,
/// section 4.5.3.1.3), of the form browsers accept with at least two labels in its domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub(crate) struct NotAnEmail;

impl Email {
    /// The most characters an address has.
    pub(crate) const MAX_CHARS: usize = 254;

    /// The normalised text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub(crate) fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim_matches(' ');
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let valid = text.len() <= Self::MAX_CHARS
            && (1..=64).contains(&local.len())
            && local.bytes().all(is_local_byte)
            && domain.contains('.')
            && domain.split('.').all(is_label);
        if valid { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAnEmail) }
    }
}

fn is_local_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

/// Whether the text is a label of a host name (RFC 1123, section 2.1).
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
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
        let many_labels = format!("a@{}test", "b.".repeat(130));
        for refused in [
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
            &many_labels,
        ] {
            assert_eq!(refused.parse::<Email>(), Err(NotAnEmail), "{refused:?}");
        }
    }
}
