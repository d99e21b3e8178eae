//! Session tokens: 16 bytes of the tenant's id, which only route the lookup to the tenant's rows,
//! and 32 random bytes, which are the secret. Only the SHA-256 of the whole is stored
//! (docs/controls.md, DA-2: a fast hash is right for a secret of 256 random bits).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_kernel::TenantId;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const TENANT_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const BYTES: usize = TENANT_BYTES + SECRET_BYTES;
/// Base64 without padding: four characters for three bytes.
const CHARS: usize = BYTES / 3 * 4;

/// The SHA-256 of a token, by which a session is looked up.
pub(crate) type TokenHash = [u8; 32];

/// A session token. `Debug` does not print it.
#[derive(Clone)]
pub(crate) struct SessionToken {
    text: SecretString,
    tenant: TenantId,
    hash: TokenHash,
}

impl SessionToken {
    /// Makes a random token for a session of `tenant`.
    pub(crate) fn issue(tenant: TenantId) -> Self {
        let secret: [u8; SECRET_BYTES] = rand::random();
        let mut bytes = [0; BYTES];
        let (head, tail) = bytes.split_at_mut(TENANT_BYTES);
        head.copy_from_slice(tenant.uuid().as_bytes());
        tail.copy_from_slice(&secret);
        Self {
            text: URL_SAFE_NO_PAD.encode(bytes).into(),
            tenant,
            hash: Sha256::digest(bytes).into(),
        }
    }

    /// Parses a presented token; none when the text cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (tenant, hash) = parse(text)?;
        Some(Self { text: text.to_owned().into(), tenant, hash })
    }

    /// The text for the cookie.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The tenant in whose rows to look the session up.
    pub(crate) const fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// The SHA-256 of the token's bytes.
    pub(crate) const fn hash(&self) -> &TokenHash {
        &self.hash
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// The tenant and the hash of a presented token, which is not kept; none when the text cannot be one.
pub(crate) fn parse(text: &str) -> Option<(TenantId, TokenHash)> {
    if text.len() != CHARS {
        return None;
    }
    let mut bytes = [0; BYTES];
    let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    let tenant = Uuid::from_slice(bytes.get(..TENANT_BYTES)?).ok()?;
    (written == BYTES).then(|| (tenant.into(), Sha256::digest(bytes).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_tenant_and_hashes_alike_when_presented() {
        let tenant = TenantId::new();
        let token = SessionToken::issue(tenant);
        assert_eq!(token.expose().len(), CHARS);
        assert_eq!(parse(token.expose()), Some((tenant, *token.hash())));
        assert_ne!(SessionToken::issue(tenant).hash(), token.hash());
        assert_eq!(format!("{token:?}"), "SessionToken(…)");
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        let token = SessionToken::issue(TenantId::new());
        let text = token.expose();
        for other in
            ["", &text[1..], &format!("{text}A"), &format!("{}=", &text[1..]), &"é".repeat(32)]
        {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
