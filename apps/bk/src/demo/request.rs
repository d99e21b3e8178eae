//! A request to the server, with the status that its response must have.

use std::fmt;

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, HeaderName, IF_MATCH},
};
use serde_json::Value;
use uuid::Uuid;

/// A request that repeats a key gets the stored response to the first one.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The address of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A path below `/api/v1`, which is sent with the user's credentials.
    Api(String),
    /// The URL of any other page, which is opened without credentials.
    Page(String),
}

/// The body of a request.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Empty,
    Json(Value),
    Csv(&'static str),
}

/// An HTTP request and its expected status.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) body: Body,
    pub(super) headers: Vec<(HeaderName, String)>,
    /// The status that the response must have.
    pub(super) expected_status: StatusCode,
}

impl Request {
    /// GET of an API path; expects 200.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, Target::Api(path.into()), Body::Empty)
    }

    /// POST of JSON to an API path; expects 200.
    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, Target::Api(path.into()), Body::Json(body))
    }

    /// PUT of JSON to an API path; expects 200.
    pub(super) fn put(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PUT, Target::Api(path.into()), Body::Json(body))
    }

    /// PATCH of an API path with JSON; expects 200.
    pub(super) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, Target::Api(path.into()), Body::Json(body))
    }

    /// DELETE of an API path; expects 204.
    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, Target::Api(path.into()), Body::Empty)
            .expecting(StatusCode::NO_CONTENT)
    }

    /// POST of a CSV file to an API path; expects 200.
    pub(super) fn post_csv(path: impl Into<String>, file: &'static str) -> Self {
        Self::new(Method::POST, Target::Api(path.into()), Body::Csv(file))
    }

    /// GET of a page outside the API; expects 200.
    pub(super) fn page(url: impl Into<String>) -> Self {
        Self::new(Method::GET, Target::Page(url.into()), Body::Empty)
    }

    /// POST to a page outside the API; expects 200.
    pub(super) fn post_page(url: impl Into<String>, body: Body) -> Self {
        Self::new(Method::POST, Target::Page(url.into()), body)
    }

    /// Expects another status.
    pub(super) fn expecting(mut self, status: StatusCode) -> Self {
        self.expected_status = status;
        self
    }

    /// Expects 201.
    pub(super) fn expecting_created(self) -> Self {
        self.expecting(StatusCode::CREATED)
    }

    /// Sends the version that is changed as `If-Match`.
    pub(super) fn if_match(self, etag: impl Into<String>) -> Self {
        self.with_header(IF_MATCH, etag.into())
    }

    /// Sends an idempotency key, so that a repeated request changes nothing twice.
    pub(super) fn idempotency_key(self, key: Uuid) -> Self {
        self.with_header(IDEMPOTENCY_KEY, key.to_string())
    }

    /// Sends the media type that the response must have as `Accept`.
    pub(super) fn accepting(self, media_type: &str) -> Self {
        self.with_header(ACCEPT, media_type.to_owned())
    }

    fn with_header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    const fn new(method: Method, target: Target, body: Body) -> Self {
        Self { method, target, body, headers: Vec::new(), expected_status: StatusCode::OK }
    }
}

impl fmt::Display for Request {
    /// Writes method and address, but not the body, which may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Api(path) => write!(f, "{} /api/v1{path}", self.method),
            Target::Page(url) => write!(f, "{} {url}", self.method),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_printed_without_its_body() {
        let request = Request::post("/admin/auth/login", json!({"password": "secret"}));
        assert_eq!(request.to_string(), "POST /api/v1/admin/auth/login");
        assert_eq!(Request::page("http://pay.test/c/1").to_string(), "GET http://pay.test/c/1");
    }

    #[test]
    fn each_kind_of_request_expects_its_usual_status() {
        assert_eq!(Request::get("/x").expected_status, StatusCode::OK);
        assert_eq!(Request::delete("/x").expected_status, StatusCode::NO_CONTENT);
        assert_eq!(
            Request::post("/x", json!({})).expecting_created().expected_status,
            StatusCode::CREATED
        );
    }
}
