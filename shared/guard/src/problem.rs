//! Errors as `application/problem+json` (RFC 9457). The text of an internal error never leaves the
//! process: it goes to the log under the request id.

use std::{borrow::Cow, error::Error, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use bk_kernel::{Code, FieldError};
use bk_persistence::DbError;
use serde::Serialize;

/// An error answer: a code of the closed list, with what the caller can do about it.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldError>,
    retry_after_secs: Option<u64>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem that says no more than its code.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), retry_after_secs: None, source: None }
    }

    /// The problem of an unexpected error: answered as `INTERNAL`, logged with its sources.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::new(Code::Internal) }
    }

    /// The problem of refused fields.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Code::InputInvalid) }
    }

    /// The problem of one refused field.
    pub fn field(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code, message)])
    }

    /// The problem of a resource in `state`, which does not allow what was asked.
    pub fn state(state: impl fmt::Display) -> Self {
        Self::new(Code::StateConflict).detail(format!("It is {state}."))
    }

    /// Adds what happened and what to do next, in a calm sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds after how many seconds to try again.
    #[must_use]
    pub const fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    /// Adds the error behind it, for the log; the caller never sees it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Both problems as one: the refused fields of the second are added.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.errors.extend(other.errors);
        self
    }

    /// Adds names to the list of what was expected instead of an unknown field.
    #[must_use]
    pub(crate) fn also_expecting(mut self, names: &[&str]) -> Self {
        for error in &mut self.errors {
            let Some((unknown, expected)) = error.message.split_once("`, ") else { continue };
            if !unknown.starts_with("unknown field `") {
                continue;
            }
            let expected = expected.split('`').skip(1).step_by(2).chain(names.iter().copied());
            let expected: Vec<String> = expected.map(|name| format!("`{name}`")).collect();
            let expected = match expected.as_slice() {
                [one, other] => format!("{one} or {other}"),
                many => format!("one of {}", many.join(", ")),
            };
            error.message = format!("{unknown}`, expected {expected}");
        }
        self
    }

    /// The code of the problem.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The unexpected error behind it, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.source.as_deref()
    }

    /// The body as sent, without the request id, which the pipeline adds.
    #[must_use]
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:bk:problem:{}", self.code.as_str().to_ascii_lowercase()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            code: self.code.as_str().to_owned(),
            detail: self.detail.as_deref().unwrap_or(self.code.title()).to_owned(),
            request_id: String::new(),
            errors: self
                .errors
                .iter()
                .map(|error| RefusedField {
                    pointer: error.pointer.clone(),
                    code: error.code.clone().into_owned(),
                    message: error.message.clone(),
                })
                .collect(),
        }
    }

    /// The response, with the id of the request.
    #[must_use]
    pub fn response(&self, request_id: Option<bk_kernel::RequestId>) -> HttpResponse {
        let mut body = self.body();
        body.request_id = request_id.map(|id| id.to_string()).unwrap_or_default();
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut builder = HttpResponse::build(status);
        if let Some(secs) = self.retry_after_secs {
            builder.insert_header((header::RETRY_AFTER, secs));
        }
        builder
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.response(None)
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let code = if error.is_transient() { Code::Unavailable } else { Code::Internal };
        let problem = Self { source: Some(Box::new(error)), ..Self::new(code) };
        if code == Code::Unavailable { problem.retry_after(5) } else { problem }
    }
}

/// The body of a problem.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A URI that names the kind of problem.
    #[schema(example = "urn:bk:problem:not_found")]
    pub r#type: String,
    /// A short sentence for people.
    #[schema(example = "Not found")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub status: u16,
    /// One of the closed list of codes.
    #[schema(example = "NOT_FOUND")]
    pub code: String,
    /// What happened and what to do next.
    #[schema(example = "Not found")]
    pub detail: String,
    /// The request, as in `x-request-id`.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000000")]
    pub request_id: String,
    /// The refused fields, on `INPUT_INVALID`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<RefusedField>,
}

/// One refused field.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = FieldError)]
pub struct RefusedField {
    /// JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.
    #[schema(example = "/lines/0/quantity")]
    pub pointer: String,
    /// A word a program can act on.
    #[schema(example = "range")]
    pub code: String,
    /// What to change.
    #[schema(example = "between 1 and 50")]
    pub message: String,
}
