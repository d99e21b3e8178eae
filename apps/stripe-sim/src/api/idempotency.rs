//! Idempotency keys. The response to the first request with a key is stored for a day and replayed to later
//! requests with that key.
//!
//! A key that was used for a different request is rejected with status 400, and a key whose first request is
//! still being executed with status 409. A request that is rejected before it is executed releases its key.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::app_state::AppState;
use crate::error::{ApiError, ErrorType};

/// How long a response is kept. Stripe keeps it for at least a day.
const RESPONSE_RETENTION_SECS: i64 = 86_400;

/// What makes two requests the same: the path, and a digest of the parameters in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    path: String,
    params: Vec<u8>,
}

impl Fingerprint {
    pub(super) fn new(path: &str, pairs: &[(String, String)]) -> Self {
        let mut sorted: Vec<_> = pairs.iter().collect();
        // A stable sort, so that the order within one list (`expand[]=a&expand[]=b`) still matters.
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut digest = Sha256::new();
        for (name, value) in sorted {
            // The lengths keep different splits of the same text apart.
            for part in [name, value] {
                digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(part.as_bytes());
            }
        }
        Self { path: path.to_owned(), params: digest.finalize().to_vec() }
    }
}

/// A response that is kept to be replayed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredResponse {
    pub(super) status: u16,
    pub(super) body: String,
    /// Id of the request that the response was first sent to.
    pub(super) request_id: String,
}

// The fields keep the names that they have in state files.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    fingerprint: Fingerprint,
    /// When the key was first used, in Unix seconds.
    #[serde(rename = "since")]
    claimed_at: i64,
    /// Absent while the first request is being executed.
    #[serde(rename = "answer")]
    response: Option<StoredResponse>,
}

/// All idempotency keys in use.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct IdempotencyKeys(HashMap<String, Entry>);

impl IdempotencyKeys {
    /// Releases the keys of requests that were being executed when the simulator stopped.
    pub(crate) fn release_unfinished(&mut self) {
        self.0.retain(|_, entry| entry.response.is_some());
    }
}

pub(super) enum Claim {
    /// The key is new: the caller executes the request.
    New(ClaimedKey),
    /// The request was executed before.
    Replay(StoredResponse),
}

/// Claims a key for a request, or returns the response to replay.
///
/// Fails when the key was used for a different request or its first request is still being executed.
pub(super) fn claim(
    state: &Arc<AppState>,
    key: &str,
    fingerprint: &Fingerprint,
) -> Result<Claim, ApiError> {
    let entry = state.update_unsaved(|state, now| {
        let keys = &mut state.idempotency_keys.0;
        keys.retain(|_, entry| {
            entry.response.is_none() || now - entry.claimed_at < RESPONSE_RETENTION_SECS
        });
        if let Some(entry) = keys.get(key) {
            return Some((entry.fingerprint.clone(), entry.response.clone()));
        }
        let entry = Entry { fingerprint: fingerprint.clone(), claimed_at: now, response: None };
        keys.insert(key.to_owned(), entry);
        None
    });
    let Some((first, response)) = entry else {
        let (state, key) = (Arc::clone(state), key.to_owned());
        return Ok(Claim::New(ClaimedKey { state, key, response: None }));
    };
    if first.path != fingerprint.path {
        return Err(rejected(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for \
             ('{}' vs '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
            fingerprint.path, first.path
        )));
    }
    if first != *fingerprint {
        return Err(rejected(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. Try using a key other than '{key}' if you meant to execute a different request."
        )));
    }
    response.map(Claim::Replay).ok_or_else(|| in_use(key))
}

/// The error for a key that is malformed or was used for a different request.
pub(super) fn rejected(message: String) -> ApiError {
    ApiError { kind: ErrorType::Idempotency, ..ApiError::rejected(message) }
}

fn in_use(key: &str) -> ApiError {
    let message = format!(
        "There is currently another in-progress request using this Idempotent Key (that probably means you \
         submitted twice, and the other request is still going through): {key}. Please try again later."
    );
    let error = ApiError { code: Some("idempotency_key_in_use"), ..ApiError::rejected(message) };
    error.with_status(409)
}

/// A key whose first request is being executed. It is released when dropped without a response, for instance
/// because the client disconnected.
pub(super) struct ClaimedKey {
    state: Arc<AppState>,
    key: String,
    response: Option<StoredResponse>,
}

impl ClaimedKey {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Stores the response of the request.
    pub(super) fn store(mut self, response: StoredResponse) {
        self.response = Some(response);
    }
}

impl Drop for ClaimedKey {
    fn drop(&mut self) {
        let response = self.response.take();
        let key = &self.key;
        self.state.update(|state, _| {
            let keys = &mut state.idempotency_keys.0;
            match (response, keys.get_mut(key)) {
                (Some(response), Some(entry)) => entry.response = Some(response),
                _ => {
                    keys.remove(key);
                }
            }
        });
    }
}
