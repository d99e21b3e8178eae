//! The model of an invitation and its token. Pure.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_kernel::{InvitationId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// How long the token of a mail is good.
pub const VALID_FOR: TimeDelta = TimeDelta::days(7);

/// Invitations that ended, or whose token expired, are kept this long.
pub(super) const KEPT_AFTER_END: TimeDelta = TimeDelta::days(30);

const SECRET_BYTES: usize = 32;

/// SHA-256 of a token.
pub(super) type TokenHash = [u8; 32];

/// The secret of a mail: 256 random bits. Never printed.
#[derive(Clone)]
pub(super) struct InvitationToken(SecretString);

impl InvitationToken {
    /// A fresh one.
    pub(super) fn issue() -> Self {
        let secret: [u8; SECRET_BYTES] = rand::random();
        Self(URL_SAFE_NO_PAD.encode(secret).into())
    }

    /// The text for the mail.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What to store.
    pub(super) fn hash(&self) -> TokenHash {
        Sha256::digest(self.expose().as_bytes()).into()
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}

/// The hash of a presented token.
pub(super) fn hash_of(presented: &str) -> TokenHash {
    Sha256::digest(presented.as_bytes()).into()
}

/// An invitation that was neither accepted nor withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenInvitation {
    /// Which.
    pub(crate) id: InvitationId,
    /// Of whom.
    pub(crate) user_id: UserId,
    /// Their address.
    pub(crate) email: String,
    /// What to call them.
    pub(crate) display_name: String,
    /// Role keys they will hold, sorted.
    pub(crate) roles: Vec<String>,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// Until when its token is good.
    pub(crate) expires_at: DateTime<Utc>,
    /// When the last mail was handed over.
    pub(crate) sent_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presented_token_hashes_like_the_issued_one() {
        let token = InvitationToken::issue();
        assert_eq!(hash_of(token.expose()), token.hash());
        assert_ne!(InvitationToken::issue().hash(), token.hash());
        assert_eq!(token.expose().len(), 43);
        assert_eq!(format!("{token:?}"), "InvitationToken(…)");
    }
}
