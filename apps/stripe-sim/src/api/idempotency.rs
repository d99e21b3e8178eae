//! Idempotency keys: the first answer to a key is the answer to that key for a day.
//!
//! A key used for something else is refused (400), a key whose first request is still being carried out
//! is refused too (409). Refused requests that were never carried out leave their key free.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{ApiError, ErrorType};
use crate::sim::Sim;

/// Stripe forgets a key after at least a day.
const REMEMBERED_SECS: i64 = 86_400;

/// What a key was used for: the endpoint and a digest of the parameters in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    path: String,
    params: Vec<u8>,
}

impl Fingerprint {
    pub(super) fn new(path: &str, pairs: &[(String, String)]) -> Self {
        let mut sorted: Vec<_> = pairs.iter().collect();
        // Stable, so that the order within one list (`expand[]=a&expand[]=b`) still counts.
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut digest = Sha256::new();
        for (name, value) in sorted {
            for part in [name, value] {
                digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(part.as_bytes());
            }
        }
        Self { path: path.to_owned(), params: digest.finalize().to_vec() }
    }
}

/// An answer kept for replays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredAnswer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) request_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    fingerprint: Fingerprint,
    /// Unix seconds.
    since: i64,
    /// Absent while the first request is being carried out.
    answer: Option<StoredAnswer>,
}

/// All keys in use.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Keys(HashMap<String, Entry>);

impl Keys {
    /// After a restart nothing is being carried out any more.
    pub(crate) fn drop_unanswered(&mut self) {
        self.0.retain(|_, entry| entry.answer.is_some());
    }
}

pub(super) enum Begun {
    First(InFlight),
    Replay(StoredAnswer),
}

/// Looks a key up and claims it when it is free.
pub(super) fn begin(
    sim: &Arc<Sim>,
    key: &str,
    fingerprint: &Fingerprint,
) -> Result<Begun, ApiError> {
    sim.quietly(|state, now| {
        let keys = &mut state.keys.0;
        keys.retain(|_, entry| entry.answer.is_none() || now - entry.since < REMEMBERED_SECS);
        let Some(entry) = keys.get(key) else {
            let entry = Entry { fingerprint: fingerprint.clone(), since: now, answer: None };
            keys.insert(key.to_owned(), entry);
            return Ok(Begun::First(InFlight { sim: Arc::clone(sim), key: key.to_owned(), answer: None }));
        };
        if entry.fingerprint.path != fingerprint.path {
            return Err(refusal(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used \
                 for ('{}' vs '{}'). Try using a key other than '{key}' if you meant to execute a \
                 different request.",
                fingerprint.path, entry.fingerprint.path
            )));
        }
        if entry.fingerprint != *fingerprint {
            return Err(refusal(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first \
                 used with. Try using a key other than '{key}' if you meant to execute a different request."
            )));
        }
        entry.answer.clone().map(Begun::Replay).ok_or_else(|| {
            let message = format!(
                "There is currently another in-progress request using this Idempotent Key (that probably \
                 means you submitted twice, and the other request is still going through): {key}. Please \
                 try again later."
            );
            let error = ApiError::state(Some("idempotency_key_in_use"), None, message).with_status(409);
            ApiError { before_execution: true, ..error }
        })
    })
}

/// The refusal of a key.
pub(super) fn refusal(message: String) -> ApiError {
    ApiError {
        kind: ErrorType::Idempotency,
        before_execution: true,
        ..ApiError::state(None, None, message)
    }
}

/// A claimed key. Dropped without an answer, for instance because the client hung up, it is free again.
pub(super) struct InFlight {
    sim: Arc<Sim>,
    key: String,
    answer: Option<StoredAnswer>,
}

impl InFlight {
    pub(super) fn finish(mut self, answer: StoredAnswer) {
        self.answer = Some(answer);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let answer = self.answer.take();
        let key = &self.key;
        self.sim.act(|state, _| match (answer, state.keys.0.get_mut(key)) {
            (Some(answer), Some(entry)) => entry.answer = Some(answer),
            _ => {
                state.keys.0.remove(key);
            }
        });
    }
}
