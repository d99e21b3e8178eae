//! Stripe's error vocabulary: `{"error": {"type", "code", "message", "param", "doc_url"}}`.

use std::fmt;

use serde_json::{Value, json};

/// What kind of error Stripe would call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    /// The request is wrong, or wrong in the state things are in.
    InvalidRequest,
    /// An idempotency key was used again for something else.
    Idempotency,
}

impl ErrorType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request_error",
            Self::Idempotency => "idempotency_error",
        }
    }
}

/// An answer other than 200, in Stripe's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Stripe's `type`.
    pub kind: ErrorType,
    /// Stripe's `code`, where it has one.
    pub code: Option<&'static str>,
    /// The sentence for developers.
    pub message: String,
    /// The parameter at fault.
    pub param: Option<String>,
    /// Whether the request was refused before it was carried out. Such an answer is not kept for its
    /// idempotency key, so that a corrected request may use the key again.
    pub(crate) before_execution: bool,
}

impl ApiError {
    /// A refusal of the request as it was written: wrong, unknown or missing parameters.
    pub(crate) fn parameter(code: &'static str, param: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: ErrorType::InvalidRequest,
            code: Some(code),
            message: message.into(),
            param: Some(param.to_owned()),
            before_execution: true,
        }
    }

    /// A refusal of a value Stripe has no error code for.
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self { code: None, ..Self::parameter("parameter_invalid", param, message) }
    }

    /// A refusal because of the state things are in.
    pub(crate) fn state(
        code: Option<&'static str>,
        param: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status: 400,
            kind: ErrorType::InvalidRequest,
            code,
            message: message.into(),
            param: param.map(ToOwned::to_owned),
            before_execution: false,
        }
    }

    /// A reference to an object in a parameter or path that names nothing.
    pub(crate) fn missing(object: &str, id: &str, param: &str, status: u16) -> Self {
        Self {
            status,
            ..Self::state(
                Some("resource_missing"),
                Some(param),
                format!("No such {object}: '{id}'"),
            )
        }
    }

    pub(crate) fn unknown_route(method: &str, path: &str) -> Self {
        Self {
            status: 404,
            before_execution: true,
            ..Self::state(
                None,
                None,
                format!(
                    "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs; \
                     the simulator's crate documentation lists what it implements."
                ),
            )
        }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The body Stripe would send.
    pub(crate) fn body(&self) -> Value {
        let mut error = json!({"type": self.kind.as_str(), "message": self.message});
        if let Some(fields) = error.as_object_mut() {
            if let Some(code) = self.code {
                fields.insert("code".into(), code.into());
                let page = code.replace('_', "-");
                let url = format!("https://stripe.com/docs/error-codes/{page}");
                fields.insert("doc_url".into(), url.into());
            }
            if let Some(param) = &self.param {
                fields.insert("param".into(), param.clone().into());
            }
        }
        json!({ "error": error })
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}
