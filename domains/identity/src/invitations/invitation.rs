//! The model of an invitation and its token. Pure.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_kernel::{InvitationId, UserId, string_enum};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::users::Member;

/// How long the token of a mail works.
pub(super) const TOKEN_LIFETIME: TimeDelta = TimeDelta::days(7);

/// How long invitations are kept that ended, or whose token expired.
pub(super) const INVITATION_RETENTION: TimeDelta = TimeDelta::days(30);

const SECRET_BYTES: usize = 32;

/// The SHA-256 of a token.
pub(super) type TokenHash = [u8; 32];

/// The secret of a mail: 256 random bits. `Debug` does not print it.
#[derive(Clone)]
pub(super) struct InvitationToken(SecretString);

impl InvitationToken {
    /// Makes a random token.
    pub(super) fn issue() -> Self {
        let secret: [u8; SECRET_BYTES] = rand::random();
        Self(URL_SAFE_NO_PAD.encode(secret).into())
    }

    /// The text for the mail.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The hash to store.
    pub(super) fn hash(&self) -> TokenHash {
        hash_of(self.expose())
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

string_enum! {
    /// What has become of an invitation.
    pub(crate) enum InvitationStatus: "an invitation's status" {
        /// It was neither accepted nor withdrawn. Its token may have expired.
        Open = "OPEN",
        /// Its user has set a password.
        Accepted = "ACCEPTED",
        /// The tenant took it back.
        Withdrawn = "WITHDRAWN",
    }
}

/// An invitation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// The invitation's id.
    pub(crate) id: InvitationId,
    /// The invited user.
    pub(crate) user_id: UserId,
    /// Open, accepted or withdrawn.
    pub(crate) status: InvitationStatus,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// When the token of the last mail stops working.
    pub(crate) expires_at: DateTime<Utc>,
    /// When the last mail was handed to the mail server; none while it is queued.
    pub(crate) sent_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// A new open invitation of a user, made at `now`.
    pub(super) fn of(user_id: UserId, now: DateTime<Utc>) -> Self {
        Self {
            id: InvitationId::new(),
            user_id,
            status: InvitationStatus::Open,
            created_at: now,
            expires_at: now + TOKEN_LIFETIME,
            sent_at: None,
        }
    }
}

/// An open invitation together with its user, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenInvitation {
    /// The invitation itself.
    pub(crate) invitation: Invitation,
    /// The invited user and the roles they will hold.
    pub(crate) member: Member,
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
