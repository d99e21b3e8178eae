//! Stripe's errors: `{"error": {"type", "code", "message", "param", "doc_url"}}`.

use std::fmt;

use serde_json::{Value, json};

/// The `type` of an error in Stripe's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    /// `invalid_request_error`: a parameter is invalid, or the object's state does not allow the request.
    InvalidRequest,
    /// `idempotency_error`: the idempotency key is malformed, was used for a different request, or is in use.
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

/// A Stripe API error and the HTTP status it is sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status, 4xx.
    pub status: u16,
    /// Stripe's `type`.
    pub kind: ErrorType,
    /// Stripe's `code`, for the errors that have one.
    pub code: Option<&'static str>,
    /// Stripe's `message`: an English sentence for the developer of the client.
    pub message: String,
    /// Full name of the parameter that caused the error, such as `line_items[0][quantity]`.
    pub param: Option<String>,
    /// Whether the request was rejected before it was executed. Such an error is not stored under the
    /// request's idempotency key, so the client may send a corrected request with the same key.
    pub(crate) before_execution: bool,
}

impl ApiError {
    /// Status 400 for a request that is rejected before it is executed, for a reason without a code.
    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Self { before_execution: true, ..Self::invalid_state(None, None, message) }
    }

    /// Status 400 for a parameter that is malformed, unknown or missing.
    pub(crate) fn invalid_parameter(
        code: &'static str,
        param: &str,
        message: impl Into<String>,
    ) -> Self {
        Self { code: Some(code), ..Self::invalid_value(param, message) }
    }

    /// Status 400 for a parameter whose value is not allowed, where Stripe has no code for the reason.
    pub(crate) fn invalid_value(param: &str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::rejected(message) }
    }

    /// Status 400 for a required parameter that is absent.
    pub(crate) fn missing_parameter(param: &str) -> Self {
        let message = format!("Missing required param: {param}.");
        Self::invalid_parameter("parameter_missing", param, message)
    }

    /// Status 400 for a well-formed request that the state of the account does not allow.
    pub(crate) fn invalid_state(
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

    /// Status 404 for the object that a request is about. Stripe calls its id `param`.
    pub(crate) fn not_found(object: &str, id: &str, param: &str) -> Self {
        Self::unknown_reference(object, id, param).with_status(404)
    }

    /// Status 400 for a parameter that refers to an object which does not exist.
    pub(crate) fn unknown_reference(object: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {object}: '{id}'");
        Self::invalid_state(Some("resource_missing"), Some(param), message)
    }

    /// Status 404 for a path or method that the simulator does not implement.
    pub(crate) fn unrecognized_url(method: &str, path: &str) -> Self {
        Self::rejected(format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs; the \
             simulator's crate documentation lists what it implements."
        ))
        .with_status(404)
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The JSON body of the response.
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
