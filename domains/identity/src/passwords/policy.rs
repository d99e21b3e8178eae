//! Which passwords are good enough (OWASP ASVS 5.0, section 6.2): length, not composition; nothing
//! everybody tries; nothing made of the person's own address.

use std::collections::BTreeSet;

use super::common::COMMON;

/// Characters at least (NIST SP 800-63B-4 recommends 15 for a lone factor and admits 8 with a
/// second one; the product takes 12 and a second factor for staff).
pub const MIN_CHARS: usize = 12;

/// Characters at most: enough for a passphrase, and a bound on the work of hashing.
pub const MAX_CHARS: usize = 128;

/// Fewer different characters than this are a pattern, not a password.
const MIN_DIFFERENT: usize = 5;

/// A shorter local part (`jo@…`) occurs in passwords by chance.
const LOCAL_PART_CHARS: usize = 3;

/// Why a password was refused; each is something its owner can mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Shorter than [`MIN_CHARS`].
    #[error("use at least 12 characters")]
    TooShort,
    /// Longer than [`MAX_CHARS`].
    #[error("use at most 128 characters")]
    TooLong,
    /// Everybody tries it first, or it is a repeated pattern.
    #[error("this password is too common")]
    Common,
    /// Contains the part of the e-mail address before the `@`.
    #[error("do not use your e-mail address in your password")]
    ContainsEmail,
}

/// Judges a new password for the owner of `local_part`, the part of their address before the `@`.
pub fn judge(password: &str, local_part: &str) -> Result<(), Flaw> {
    let length = password.chars().count();
    if length < MIN_CHARS {
        return Err(Flaw::TooShort);
    }
    if length > MAX_CHARS {
        return Err(Flaw::TooLong);
    }
    let lower = password.to_lowercase();
    if is_common(&lower) {
        return Err(Flaw::Common);
    }
    let local_part = local_part.to_lowercase();
    if local_part.chars().count() >= LOCAL_PART_CHARS && lower.contains(&local_part) {
        return Err(Flaw::ContainsEmail);
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    let stem = lower.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let different: BTreeSet<char> = lower.chars().collect();
    different.len() < MIN_DIFFERENT
        || COMMON.contains(&lower)
        || (!stem.is_empty() && COMMON.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(judge("elf zeichen", "jo"), Err(Flaw::TooShort));
        assert_eq!(judge("zwölf zeiche", "jo"), Ok(()));
        assert_eq!(judge(&"äbcdefgh".repeat(16), "jo"), Ok(()));
        assert_eq!(judge(&format!("{}x", "äbcdefgh".repeat(16)), "jo"), Err(Flaw::TooLong));
    }

    #[test]
    fn what_everybody_tries_is_refused_with_digits_appended_too() {
        for common in
            ["Password1234", "qwertyuiop123!", "123456789012", "aaaaaaaaaaaaaa", "Welcome2026!!"]
        {
            assert_eq!(judge(common, "jo"), Err(Flaw::Common), "{common}");
        }
    }

    #[test]
    fn the_address_does_not_make_a_password() {
        assert_eq!(judge("MargareT-likes-soup", "margaret"), Err(Flaw::ContainsEmail));
        assert_eq!(judge("a-jolly-good-meal", "jo"), Ok(()), "too short to tell");
    }
}
