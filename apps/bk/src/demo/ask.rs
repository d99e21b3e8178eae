//! A request before it is sent: what is asked of whom, and the status it must be answered with.

use std::fmt;

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, HeaderName, IF_MATCH},
};
use serde_json::Value;
use uuid::Uuid;

/// Repeats of the same key are answered with the first answer (api page, "Conventions").
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A route below `/api/v1`, with the person's credentials.
    Api(String),
    /// Any other page, without them.
    Page(String),
}

/// What a request carries.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Nothing,
    Json(Value),
    Csv(&'static str),
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) content: Content,
    pub(super) headers: Vec<(HeaderName, String)>,
    /// The only answer that is not a failure.
    pub(super) status: StatusCode,
}

impl Ask {
    /// Reads a route of the API; 200 is expected.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, Target::Api(path.into()), Content::Nothing)
    }

    /// Posts JSON to a route of the API; 200 is expected.
    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, Target::Api(path.into()), Content::Json(body))
    }

    /// Puts JSON; 200 is expected.
    pub(super) fn put(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PUT, Target::Api(path.into()), Content::Json(body))
    }

    /// Patches with JSON; 200 is expected.
    pub(super) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, Target::Api(path.into()), Content::Json(body))
    }

    /// Deletes; 204 is expected.
    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, Target::Api(path.into()), Content::Nothing)
            .expecting(StatusCode::NO_CONTENT)
    }

    /// Posts a CSV file; 200 is expected.
    pub(super) fn post_csv(path: impl Into<String>, file: &'static str) -> Self {
        Self::new(Method::POST, Target::Api(path.into()), Content::Csv(file))
    }

    /// Opens a page outside the API's routes; 200 is expected.
    pub(super) fn page(url: impl Into<String>) -> Self {
        Self::new(Method::GET, Target::Page(url.into()), Content::Nothing)
    }

    /// Posts to a page outside the API's routes; 200 is expected.
    pub(super) fn post_page(url: impl Into<String>, content: Content) -> Self {
        Self::new(Method::POST, Target::Page(url.into()), content)
    }

    /// The answer that is expected instead.
    pub(super) fn expecting(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A creation: 201 is expected.
    pub(super) fn creating(self) -> Self {
        self.expecting(StatusCode::CREATED)
    }

    /// Names the version that is changed.
    pub(super) fn if_match(self, etag: impl Into<String>) -> Self {
        self.with(IF_MATCH, etag.into())
    }

    /// Names the request, so that a repeat does nothing twice.
    pub(super) fn once(self, key: Uuid) -> Self {
        self.with(IDEMPOTENCY_KEY, key.to_string())
    }

    /// The media type to answer with.
    pub(super) fn accepting(self, media_type: &str) -> Self {
        self.with(ACCEPT, media_type.to_owned())
    }

    fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    const fn new(method: Method, target: Target, content: Content) -> Self {
        Self { method, target, content, headers: Vec::new(), status: StatusCode::OK }
    }
}

impl fmt::Display for Ask {
    /// The request line: never the body, which may hold a password.
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
    fn a_request_names_its_route_and_not_its_body() {
        let ask = Ask::post("/admin/auth/login", json!({"password": "not to be seen"}));
        assert_eq!(ask.to_string(), "POST /api/v1/admin/auth/login");
        assert_eq!(Ask::page("http://pay.test/c/1").to_string(), "GET http://pay.test/c/1");
    }

    #[test]
    fn a_request_expects_what_its_kind_is_answered_with() {
        assert_eq!(Ask::get("/x").status, StatusCode::OK);
        assert_eq!(Ask::delete("/x").status, StatusCode::NO_CONTENT);
        assert_eq!(Ask::post("/x", json!({})).creating().status, StatusCode::CREATED);
    }
}
