//! Why the week was not played to its end.

use reqwest::StatusCode;
use serde_json::Value;
use thiserror::Error;

/// Characters of an answer that is not JSON which a failure shows.
const SHOWN_CHARS: usize = 600;

/// Something that was not as it must be.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// Nobody answers.
    #[error("{request} was not answered. Is the development server running? `cargo run` starts it")]
    Unreachable {
        request: String,
        #[source]
        source: reqwest::Error,
    },
    /// Another status than the one expected.
    #[error("{request} was answered {status}, expected was {expected}\n{body}")]
    Unexpected { request: String, status: StatusCode, expected: StatusCode, body: String },
    /// The answer has another shape.
    #[error("the answer to {request} has no usable {what}\n{body}")]
    Shape { request: String, what: String, body: String },
    /// What the server does by itself did not happen in time.
    #[error("waited {waited_secs} s in vain for {what}")]
    Waited { what: String, waited_secs: u64 },
    /// The answers do not fit together.
    #[error("{0}")]
    Wrong(String),
    /// Somebody pressed Control-C.
    #[error("it was interrupted")]
    Interrupted,
}

/// The step that failed.
#[derive(Debug, Error)]
#[error("✗ {number}/{of} {title}: it stops here")]
pub(super) struct Broken {
    pub(super) number: usize,
    pub(super) of: usize,
    pub(super) title: &'static str,
    #[source]
    pub(super) failure: Failure,
}

/// Refuses with a sentence unless `fact` holds.
pub(super) fn ensure(fact: bool, sentence: impl FnOnce() -> String) -> Result<(), Failure> {
    if fact { Ok(()) } else { Err(Failure::Wrong(sentence())) }
}

/// An answer as a failure shows it: JSON in lines, anything else by its beginning.
pub(super) fn shown(json: Option<&Value>, text: &str) -> String {
    match json.map(serde_json::to_string_pretty) {
        Some(Ok(pretty)) => pretty,
        _ if text.is_empty() => "(no body)".to_owned(),
        _ => text.chars().take(SHOWN_CHARS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_broken_step_tells_request_status_and_problem() {
        let problem = json!({"code": "FORBIDDEN"});
        let failure = Failure::Unexpected {
            request: "GET /api/v1/admin/weeks".to_owned(),
            status: StatusCode::FORBIDDEN,
            expected: StatusCode::OK,
            body: shown(Some(&problem), ""),
        };
        let broken = Broken { number: 3, of: 8, title: "foods become a menu", failure };
        let text = crate::explain(&broken);
        for part in ["3/8", "foods become a menu", "GET /api/v1/admin/weeks", "403", "FORBIDDEN"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn a_page_is_shown_by_its_beginning() {
        assert_eq!(shown(None, &"é".repeat(5_000)).chars().count(), SHOWN_CHARS);
        assert_eq!(shown(None, ""), "(no body)");
    }
}
