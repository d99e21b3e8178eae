//! Request headers: the secret key, the API version, the connected account and the idempotency key.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ApiError;
use crate::config::API_VERSION;

const LONGEST_IDEMPOTENCY_KEY: usize = 255;

/// Accepts `Bearer sk_test_…` and `Basic` with the key as the user name, as Stripe does. Any test key
/// opens the one account there is; a live key must never reach a simulator and is refused.
pub(super) fn authenticate(headers: &HeaderMap) -> Result<(), ApiError> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = header.and_then(key_of).filter(|key| !key.is_empty()) else {
        let message = "You did not provide an API key. You need to provide your API key in the \
                       Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
                       YOUR_SECRET_KEY').";
        return Err(refusal(message));
    };
    if key.strip_prefix("sk_test_").is_none_or(str::is_empty) {
        return Err(refusal(&format!("Invalid API Key provided: {}", masked(&key))));
    }
    Ok(())
}

/// The API version to answer with. Objects are rendered at one version only; the header is echoed so
/// that clients which compare it are content.
pub(super) fn version(headers: &HeaderMap) -> Result<&str, ApiError> {
    let Some(value) = headers.get("stripe-version") else { return Ok(API_VERSION) };
    let text = value.to_str().unwrap_or_default();
    let (date, name) = text.split_once('.').unwrap_or((text, "acacia"));
    let dated = chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
    if dated && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(text);
    }
    Err(ApiError {
        before_execution: true,
        ..ApiError::state(None, None, format!("Invalid Stripe API version: {text}"))
    })
}

/// There are no connected accounts here; acting on one would silently mix it with the platform's.
pub(super) fn account(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get("stripe-account") else { return Ok(()) };
    let message = format!(
        "The provided key does not have access to account '{}' (or that account does not exist). The \
         simulator has no connected accounts.",
        value.to_str().unwrap_or_default()
    );
    let error = ApiError::state(Some("account_invalid"), None, message).with_status(403);
    Err(ApiError { before_execution: true, ..error })
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= LONGEST_IDEMPOTENCY_KEY => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(super::idempotency::refusal(format!(
            "Idempotency keys must be 1 to {LONGEST_IDEMPOTENCY_KEY} printable characters."
        ))),
    }
}

fn key_of(header: &str) -> Option<String> {
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

/// Enough of a key to recognise it, and no more.
fn masked(key: &str) -> String {
    let shown: String = key.chars().take(8).collect();
    format!("{shown}********")
}

fn refusal(message: &str) -> ApiError {
    ApiError { before_execution: true, ..ApiError::state(None, None, message).with_status(401) }
}
