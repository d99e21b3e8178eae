//! A request that is to be sent.

use serde_json::Value;

/// A request for a path below the server's root, or for an absolute address.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) sends_csrf: bool,
    pub(super) names_origin: bool,
}

impl Call {
    /// A request of any method.
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            body: None,
            sends_csrf: true,
            names_origin: true,
        }
    }

    /// A request that reads.
    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    /// A request that makes something or does something.
    pub fn post(target: impl Into<String>) -> Self {
        Self::new("POST", target)
    }

    /// A request that replaces something.
    pub fn put(target: impl Into<String>) -> Self {
        Self::new("PUT", target)
    }

    /// A request that changes a part of something.
    pub fn patch(target: impl Into<String>) -> Self {
        Self::new("PATCH", target)
    }

    /// A request that removes something.
    pub fn delete(target: impl Into<String>) -> Self {
        Self::new("DELETE", target)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Demands the version that this tag names.
    #[must_use]
    pub fn if_match(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    /// Makes a repetition of the call the same call.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Gives it a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Gives it any body.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Leaves out the token that proves which page it comes from.
    #[must_use]
    pub const fn without_csrf(mut self) -> Self {
        self.sends_csrf = false;
        self
    }

    /// Leaves out the origin.
    #[must_use]
    pub const fn without_origin(mut self) -> Self {
        self.names_origin = false;
        self
    }

    /// Comes from another origin than the browser's front end.
    #[must_use]
    pub fn from_origin(self, origin: &str) -> Self {
        let mut call = self.without_origin();
        call.headers.retain(|(name, _)| name != "origin");
        call.header("origin", origin)
    }

    /// Whether its method is one that may change something.
    pub(super) fn changes_something(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// The host and port of an absolute address.
    pub(super) fn authority(&self) -> Option<&str> {
        let (_, rest) = self.target.split_once("://")?;
        rest.split(['/', '?', '#']).next()
    }
}
