//! Why the demo ended early.

use reqwest::StatusCode;
use serde_json::Value;
use thiserror::Error;

/// Number of characters that a failure shows of a body that is not JSON.
const EXCERPT_CHARS: usize = 600;

/// A request or a check that failed.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// The address of the API is not an `http` origin.
    #[error("--api {0}: write an origin such as http://127.0.0.1:8080")]
    InvalidAddress(String),
    /// The server does not answer.
    #[error("{request} was not answered. Is the development server running? `cargo run` starts it")]
    Unreachable {
        request: String,
        #[source]
        source: reqwest::Error,
    },
    /// The response has another status than the expected one.
    #[error("{request} was answered {status}, expected was {expected}\n{body}")]
    UnexpectedStatus { request: String, status: StatusCode, expected: StatusCode, body: String },
    /// The response lacks a value that it must have.
    #[error("the response to {request} has no usable {missing}\n{body}")]
    Malformed { request: String, missing: String, body: String },
    /// The background work of the server did not finish in time.
    #[error("waited {waited_secs} s in vain for {what}")]
    TimedOut { what: String, waited_secs: u64 },
    /// A value is wrong, or two responses contradict each other.
    #[error("{0}")]
    Inconsistent(String),
    /// The operator pressed Control-C.
    #[error("it was interrupted")]
    Interrupted,
}

/// A step that failed, and why.
#[derive(Debug, Error)]
#[error("✗ {number}/{of} {title}: it stops here")]
pub(super) struct StepFailed {
    pub(super) number: usize,
    pub(super) of: usize,
    pub(super) title: &'static str,
    #[source]
    pub(super) failure: Failure,
}

/// Fails with `message` unless `condition` holds.
pub(super) fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), Failure> {
    if condition { Ok(()) } else { Err(Failure::Inconsistent(message())) }
}

/// Returns a body as a failure shows it: JSON indented, anything else cut.
pub(super) fn body_excerpt(json: Option<&Value>, text: &str) -> String {
    match json.map(serde_json::to_string_pretty) {
        Some(Ok(pretty)) => pretty,
        _ if text.is_empty() => "(no body)".to_owned(),
        _ => text.chars().take(EXCERPT_CHARS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_step_shows_request_status_and_problem() {
        let problem = json!({"code": "FORBIDDEN"});
        let failure = Failure::UnexpectedStatus {
            request: "GET /api/v1/admin/weeks".to_owned(),
            status: StatusCode::FORBIDDEN,
            expected: StatusCode::OK,
            body: body_excerpt(Some(&problem), ""),
        };
        let step_failed = StepFailed { number: 3, of: 8, title: "a menu is published", failure };
        let text = crate::explain(&step_failed);
        for part in ["3/8", "a menu is published", "GET /api/v1/admin/weeks", "403", "FORBIDDEN"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn a_body_that_is_not_json_is_cut() {
        assert_eq!(body_excerpt(None, &"é".repeat(5_000)).chars().count(), EXCERPT_CHARS);
        assert_eq!(body_excerpt(None, ""), "(no body)");
    }
}
