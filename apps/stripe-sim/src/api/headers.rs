//! Request headers: API key, API version, connected account and idempotency key.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::idempotency;
use crate::config::API_VERSION;
use crate::error::ApiError;

const IDEMPOTENCY_KEY_MAX_LEN: usize = 255;

/// Checks the API key, sent as `Bearer sk_test_…` or as the user name of `Basic`. Every test key is valid.
///
/// Fails with status 401 when there is no key or it is not a test key: a live key must never be used with a
/// simulator.
pub(super) fn authenticate(headers: &HeaderMap) -> Result<(), ApiError> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = header.and_then(api_key).filter(|key| !key.is_empty()) else {
        let message = "You did not provide an API key. You need to provide your API key in the \
                       Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
                       YOUR_SECRET_KEY').";
        return Err(ApiError::rejected(message).with_status(401));
    };
    if key.strip_prefix("sk_test_").is_none_or(str::is_empty) {
        let message = format!("Invalid API Key provided: {}", masked(&key));
        return Err(ApiError::rejected(message).with_status(401));
    }
    Ok(())
}

/// Returns the API version for the response header: the requested one, so that clients which compare them are
/// satisfied, although objects are rendered at [`API_VERSION`] only.
///
/// Fails when the header is not a version such as `2026-09-30.endive` or `2024-06-20`.
pub(super) fn api_version(headers: &HeaderMap) -> Result<&str, ApiError> {
    let Some(value) = headers.get("stripe-version") else { return Ok(API_VERSION) };
    let text = value.to_str().unwrap_or_default();
    let (date, release) = text.split_once('.').unwrap_or((text, "acacia"));
    let is_dated = chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
    if is_dated && !release.is_empty() && release.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(text);
    }
    Err(ApiError::rejected(format!("Invalid Stripe API version: {text}")))
}

/// Fails with status 403 when the request names a connected account. The simulator has none, and executing the
/// request would silently mix the connected account's objects with the platform's.
pub(super) fn reject_connected_account(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get("stripe-account") else { return Ok(()) };
    let message = format!(
        "The provided key does not have access to account '{}' (or that account does not exist). The \
         simulator has no connected accounts.",
        value.to_str().unwrap_or_default()
    );
    let error = ApiError { code: Some("account_invalid"), ..ApiError::rejected(message) };
    Err(error.with_status(403))
}

/// Returns the idempotency key, if there is one. Fails when it is empty, too long or not printable.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_MAX_LEN => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(idempotency::rejected(format!(
            "Idempotency keys must be 1 to {IDEMPOTENCY_KEY_MAX_LEN} printable characters."
        ))),
    }
}

fn api_key(header: &str) -> Option<String> {
    let (scheme, credentials) = header.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    Some(decoded.split_once(':').map_or(decoded.clone(), |(user, _)| user.to_owned()))
}

/// Returns the start of a key, for the error message.
fn masked(key: &str) -> String {
    let start: String = key.chars().take(8).collect();
    format!("{start}********")
}
