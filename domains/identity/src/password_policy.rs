//! Which passwords are good enough (OWASP ASVS 5.0, section 6.2): length, not composition; no common
//! password; none made of the user's own address.

use std::collections::BTreeSet;

use crate::common_passwords::COMMON;

/// The fewest characters of a password (NIST SP 800-63B-4 recommends 15 for a lone factor and admits
/// 8 with a second one; the product takes 12 and a second factor for staff).
pub(crate) const MIN_CHARS: usize = 12;

/// The most characters of a password: enough for a passphrase, and a bound on the work of hashing.
pub(crate) const MAX_CHARS: usize = 128;

/// A password with fewer different characters is a pattern.
const MIN_DIFFERENT_CHARS: usize = 5;

/// A shorter local part (`jo@…`) occurs in passwords by chance, so it is not looked for.
const LOCAL_PART_MIN_CHARS: usize = 3;

/// Why a password was refused. The text tells its owner what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyViolation {
    /// Shorter than [`MIN_CHARS`].
    #[error("use at least 12 characters")]
    TooShort,
    /// Longer than [`MAX_CHARS`].
    #[error("use at most 128 characters")]
    TooLong,
    /// It is among the most common passwords, or a repeated pattern.
    #[error("this password is too common")]
    Common,
    /// Contains the part of the e-mail address before the `@`.
    #[error("do not use your e-mail address in your password")]
    ContainsEmail,
}

/// Checks a new password of the user whose address has `local_part` before the `@`.
///
/// Fails with the first rule that the password breaks.
pub(crate) fn check_policy(password: &str, local_part: &str) -> Result<(), PolicyViolation> {
    let length = password.chars().count();
    if length < MIN_CHARS {
        return Err(PolicyViolation::TooShort);
    }
    if length > MAX_CHARS {
        return Err(PolicyViolation::TooLong);
    }
    let lower = password.to_lowercase();
    if is_common(&lower) {
        return Err(PolicyViolation::Common);
    }
    let local_part = local_part.to_lowercase();
    if local_part.chars().count() >= LOCAL_PART_MIN_CHARS && lower.contains(&local_part) {
        return Err(PolicyViolation::ContainsEmail);
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    let stem = lower.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let different: BTreeSet<char> = lower.chars().collect();
    different.len() < MIN_DIFFERENT_CHARS
        || COMMON.contains(&lower)
        || (!stem.is_empty() && COMMON.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check_policy("elf zeichen", "jo"), Err(PolicyViolation::TooShort));
        assert_eq!(check_policy("zwölf zeiche", "jo"), Ok(()));
        assert_eq!(check_policy(&"äbcdefgh".repeat(16), "jo"), Ok(()));
        assert_eq!(
            check_policy(&format!("{}x", "äbcdefgh".repeat(16)), "jo"),
            Err(PolicyViolation::TooLong)
        );
    }

    #[test]
    fn common_passwords_are_refused_with_digits_appended_too() {
        for common in
            ["Password1234", "qwertyuiop123!", "123456789012", "aaaaaaaaaaaaaa", "Welcome2026!!"]
        {
            assert_eq!(check_policy(common, "jo"), Err(PolicyViolation::Common), "{common}");
        }
    }

    #[test]
    fn the_address_does_not_make_a_password() {
        assert_eq!(
            check_policy("MargareT-likes-soup", "margaret"),
            Err(PolicyViolation::ContainsEmail)
        );
        assert_eq!(check_policy("a-jolly-good-meal", "jo"), Ok(()), "too short to tell");
    }
}
