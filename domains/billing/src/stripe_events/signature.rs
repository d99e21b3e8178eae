//! Stripe's signature over the raw bytes of a delivery. Pure.
//!
//! The header is `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`; the signed text is `<t>.<body>` under
//! HMAC-SHA256 (<https://docs.stripe.com/webhooks#verify-manually>).

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

use crate::stripe_settings::StripeConfigError;

/// How far the time of a signature may lie from ours, in both directions.
const TOLERANCE: TimeDelta = TimeDelta::seconds(300);
/// Most signatures compared of one header; Stripe sends one for each secret in use.
const MAX_SIGNATURES: usize = 8;

/// The signing secrets of the endpoint: more than one while a secret is being replaced.
#[derive(Debug, Clone)]
pub(crate) struct SigningSecrets(Vec<SecretString>);

/// The delivery does not come from Stripe, or not from now. It deliberately says no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not match")]
pub(crate) struct SignatureInvalid;

impl SigningSecrets {
    /// Fails with [`StripeConfigError::WebhookSecret`] for an empty list or an empty secret: HMAC
    /// takes an empty key, so anybody could sign.
    pub(crate) fn new(secrets: Vec<SecretString>) -> Result<Self, StripeConfigError> {
        let is_set = |secret: &SecretString| !secret.expose_secret().trim().is_empty();
        if secrets.is_empty() || !secrets.iter().all(is_set) {
            return Err(StripeConfigError::WebhookSecret);
        }
        Ok(Self(secrets))
    }

    /// Verifies `body` against the `Stripe-Signature` header. Fails with [`SignatureInvalid`] when no
    /// signature matches one of the secrets, or the header's time is too far from `now`.
    pub(crate) fn verify(
        &self,
        header: &str,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), SignatureInvalid> {
        let header = Header::parse(header)?;
        let signed_at: i64 = header.time.parse().map_err(|_| SignatureInvalid)?;
        let signed_at = DateTime::from_timestamp(signed_at, 0).ok_or(SignatureInvalid)?;
        if now.signed_duration_since(signed_at).abs() > TOLERANCE {
            return Err(SignatureInvalid);
        }
        let mut matched = Choice::from(0);
        for secret in &self.0 {
            let expected = sign(secret, header.time, body)?;
            for candidate in &header.signatures {
                matched |= expected.as_bytes().ct_eq(candidate.as_bytes());
            }
        }
        if bool::from(matched) { Ok(()) } else { Err(SignatureInvalid) }
    }
}

struct Header<'a> {
    /// Exactly as in the header, because these very digits are signed.
    time: &'a str,
    signatures: Vec<&'a str>,
}

impl<'a> Header<'a> {
    fn parse(header: &'a str) -> Result<Self, SignatureInvalid> {
        let (mut time, mut signatures) = (None, Vec::new());
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", digits)) if time.replace(digits).is_some() => {
                    return Err(SignatureInvalid);
                }
                Some(("v1", hex)) if signatures.len() < MAX_SIGNATURES => signatures.push(hex),
                // Other schemes prove nothing: `v0` is for Stripe's own tests.
                _ => {}
            }
        }
        let time = time.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        Ok(Self { time: time.ok_or(SignatureInvalid)?, signatures })
    }
}

fn sign(secret: &SecretString, time: &str, body: &[u8]) -> Result<String, SignatureInvalid> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .map_err(|_| SignatureInvalid)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut hex = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

#[cfg(test)]
mod tests {
    use stripe_webhook::Webhook;

    use super::*;

    const BODY: &str = r#"{"id":"evt_1"}"#;

    fn secrets(all: &[&str]) -> SigningSecrets {
        SigningSecrets::new(all.iter().map(|s| SecretString::from(*s)).collect()).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// A header signed by another implementation than ours.
    fn header(secret: &str, time: i64) -> String {
        Webhook::generate_test_header(BODY, secret, Some(time))
    }

    #[test]
    fn either_of_two_secrets_is_accepted() {
        let both = secrets(&["whsec_old", "whsec_new"]);
        for secret in ["whsec_old", "whsec_new"] {
            assert_eq!(both.verify(&header(secret, 1_000), BODY.as_bytes(), at(1_000)), Ok(()));
        }
        let other = header("whsec_other", 1_000);
        assert_eq!(both.verify(&other, BODY.as_bytes(), at(1_000)), Err(SignatureInvalid));
    }

    #[test]
    fn a_signature_is_accepted_for_300_seconds_in_both_directions() {
        let one = secrets(&["whsec_x"]);
        let signed = header("whsec_x", 10_000);
        for (now, accepted) in [(9_699, false), (9_700, true), (10_300, true), (10_301, false)] {
            assert_eq!(one.verify(&signed, BODY.as_bytes(), at(now)).is_ok(), accepted, "{now}");
        }
    }

    #[test]
    fn one_changed_byte_anywhere_is_refused() {
        let one = secrets(&["whsec_x"]);
        let signed = header("whsec_x", 1_000);
        assert!(one.verify(&signed, br#"{"id":"evt_2"}"#, at(1_000)).is_err());
        assert!(
            one.verify(&signed.replace("t=1000", "t=1001"), BODY.as_bytes(), at(1_000)).is_err()
        );
    }

    #[test]
    fn one_matching_signature_among_several_is_enough() {
        let one = secrets(&["whsec_x"]);
        let signed = header("whsec_x", 1_000).replace(",v1=", ",v1=00,v1=");
        assert_eq!(one.verify(&signed, BODY.as_bytes(), at(1_000)), Ok(()));
    }

    #[test]
    fn a_malformed_header_is_refused() {
        let one = secrets(&["whsec_x"]);
        let twice = format!("t=1000,{}", header("whsec_x", 1_000));
        for header in [
            "",
            "nonsense",
            "t=1000",
            "v1=00",
            "t=,v1=00",
            "t=-1,v1=00",
            "t=99999999999999999999,v1=",
            twice.as_str(),
        ] {
            assert_eq!(
                one.verify(header, BODY.as_bytes(), at(1_000)),
                Err(SignatureInvalid),
                "{header}"
            );
        }
    }

    #[test]
    fn an_empty_secret_is_refused_before_anything_starts() {
        assert!(SigningSecrets::new(Vec::new()).is_err());
        assert!(SigningSecrets::new(vec![SecretString::from("")]).is_err());
        assert!(SigningSecrets::new(vec!["whsec_x".into(), " ".into()]).is_err());
    }
}
