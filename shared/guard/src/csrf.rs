//! CSRF tokens: a signed double submit bound to the session (docs/controls.md, BR-2; OWASP CSRF
//! prevention, "signed double-submit cookie").
//!
//! A token is `nonce.mac`, both base64url, with `mac = HMAC-SHA256(key, domain ‖ SHA-256(session
//! token) ‖ nonce)`. It is worth nothing with another session, so planting a cookie in a victim's
//! browser gains nothing. This module knows neither cookies nor headers.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Random bytes in a token.
const NONCE_BYTES: usize = 16;
/// Separates this use of the key from any other.
const DOMAIN: &[u8] = b"bk-csrf-v1";

/// The key that signs CSRF tokens, prepared for signing. It is never printed; clones share it.
#[derive(Clone)]
pub struct CsrfKey(Arc<Hmac<Sha256>>);

impl CsrfKey {
    /// A key of 32 secret bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        // HMAC itself fills a short key up with zeros to a block (RFC 2104, section 2).
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
        let mut prepared = Hmac::<Sha256>::new(&block);
        prepared.update(DOMAIN);
        Self(Arc::new(prepared))
    }

    /// A random key, which no other instance and no later start has: for development and tests.
    #[must_use]
    pub fn random() -> Self {
        Self::new(rand::random())
    }

    fn mac(&self, token_hash: &[u8; 32], nonce: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::clone(&self.0);
        mac.update(token_hash);
        mac.update(nonce);
        mac
    }
}

impl std::fmt::Debug for CsrfKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CsrfKey(…)")
    }
}

/// A fresh token for the session whose token hashes to `token_hash`
/// (`SessionRef::token_hash`).
#[must_use]
pub fn issue(key: &CsrfKey, token_hash: &[u8; 32]) -> String {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let mac = key.mac(token_hash, &nonce);
    let mut token = URL_SAFE_NO_PAD.encode(nonce);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(mac.finalize().into_bytes(), &mut token);
    token
}

/// Whether `token` was issued under `key` for this session. The signature is compared in constant
/// time.
#[must_use]
pub fn verify(key: &CsrfKey, token_hash: &[u8; 32], token: &[u8]) -> bool {
    let mut parts = token.splitn(2, |byte| *byte == b'.');
    let (Some(nonce), Some(signature)) = (parts.next(), parts.next()) else { return false };
    let (Ok(nonce), Ok(signature)) =
        (URL_SAFE_NO_PAD.decode(nonce), URL_SAFE_NO_PAD.decode(signature))
    else {
        return false;
    };
    nonce.len() == NONCE_BYTES && key.mac(token_hash, &nonce).verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_session_and_key_only() {
        let (key, other) = (CsrfKey::new([1; 32]), CsrfKey::new([2; 32]));
        let token = issue(&key, &[7; 32]);
        assert!(verify(&key, &[7; 32], token.as_bytes()));
        assert!(!verify(&key, &[8; 32], token.as_bytes()));
        assert!(!verify(&other, &[7; 32], token.as_bytes()));
    }

    #[test]
    fn a_changed_or_shortened_token_is_refused() {
        let key = CsrfKey::random();
        let token = issue(&key, &[7; 32]);
        let (nonce, signature) = token.split_once('.').unwrap();
        let malformed = [
            String::new(),
            ".".to_owned(),
            nonce.to_owned(),
            format!(".{signature}"),
            format!("{nonce}."),
            format!("A{}.{signature}", &nonce[1..]) + "A",
            token[..token.len() - 2].to_owned(),
            format!("{token}.{token}"),
        ];
        for text in malformed {
            assert!(!verify(&key, &[7; 32], text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn two_tokens_of_one_session_differ() {
        let key = CsrfKey::random();
        assert_ne!(issue(&key, &[7; 32]), issue(&key, &[7; 32]));
    }
}
