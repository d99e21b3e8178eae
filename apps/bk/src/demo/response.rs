//! A response, and access to its JSON with failures that name the request.

use chrono::{DateTime, Utc};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, RETRY_AFTER},
};
use serde_json::Value;

use super::{
    failure::{Failure, body_excerpt},
    request::Request,
};

/// A complete response.
#[derive(Debug, Clone)]
pub(super) struct Response {
    /// Method and address of the request.
    pub(super) request: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    /// The body as JSON, when it is JSON.
    json: Option<Value>,
}

impl Response {
    /// Returns the response to `request`, and parses `text` when it is JSON.
    pub(super) fn new(
        request: String,
        status: StatusCode,
        headers: HeaderMap,
        text: String,
    ) -> Self {
        let json = serde_json::from_str(&text).ok();
        Self { request, status, headers, text, json }
    }

    /// Fails when the status is not the one that the request expects.
    pub(super) fn ensure_expected(self, request: &Request) -> Result<Self, Failure> {
        if self.status == request.expected_status {
            return Ok(self);
        }
        let body = body_excerpt(self.json.as_ref(), &self.text);
        let expected = request.expected_status;
        let Self { request, status, .. } = self;
        Err(Failure::UnexpectedStatus { request, status, expected, body })
    }

    /// Returns `Retry-After` in seconds when the status is 429.
    pub(super) fn retry_after_secs(&self) -> Option<u64> {
        let is_limited = self.status == StatusCode::TOO_MANY_REQUESTS;
        is_limited.then(|| self.header(&RETRY_AFTER).and_then(|text| text.parse().ok())).flatten()
    }

    /// Returns the `ETag`. Fails when there is none.
    pub(super) fn etag(&self) -> Result<String, Failure> {
        self.header(&ETAG).map(str::to_owned).ok_or_else(|| self.malformed("ETag"))
    }

    /// Returns the media type without its parameters.
    pub(super) fn media_type(&self) -> &str {
        let content_type = self.header(&CONTENT_TYPE).unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim()
    }

    /// Returns the JSON of the body. Fails when the body is not JSON.
    pub(super) fn json(&self) -> Result<JsonPart<'_>, Failure> {
        let value = self.json.as_ref().ok_or_else(|| self.malformed("JSON"))?;
        Ok(JsonPart { response: self, value })
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn malformed(&self, missing: &str) -> Failure {
        let body = body_excerpt(self.json.as_ref(), &self.text);
        Failure::Malformed { request: self.request.clone(), missing: missing.to_owned(), body }
    }
}

/// A part of the JSON of a response. The methods take JSON pointers, and fail when there is no value of their type
/// at the pointer.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonPart<'a> {
    response: &'a Response,
    pub(super) value: &'a Value,
}

impl<'a> JsonPart<'a> {
    /// Returns a string.
    pub(super) fn text(&self, pointer: &str) -> Result<&'a str, Failure> {
        self.get(pointer, Value::as_str)
    }

    /// Returns an integer.
    pub(super) fn number(&self, pointer: &str) -> Result<i64, Failure> {
        self.get(pointer, Value::as_i64)
    }

    /// Returns an instant.
    pub(super) fn instant(&self, pointer: &str) -> Result<DateTime<Utc>, Failure> {
        self.get(pointer, |value| value.as_str()?.parse().ok())
    }

    /// Returns the elements of an array.
    pub(super) fn list(&self, pointer: &str) -> Result<Vec<Self>, Failure> {
        let items = self.get(pointer, Value::as_array)?;
        Ok(items.iter().map(|value| Self { response: self.response, value }).collect())
    }

    /// Returns the elements of an array of strings.
    pub(super) fn texts(&self, pointer: &str) -> Result<Vec<&'a str>, Failure> {
        self.list(pointer)?.into_iter().map(|item| item.text("")).collect()
    }

    /// Returns whether there is a value other than null.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.value.pointer(pointer).is_some_and(|value| !value.is_null())
    }

    fn get<T>(
        &self,
        pointer: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, Failure> {
        self.value.pointer(pointer).and_then(convert).ok_or_else(|| {
            let missing = if pointer.is_empty() { "text" } else { pointer };
            self.response.malformed(missing)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, text: &str) -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        Response::new("GET /x".to_owned(), status, HeaderMap::new(), text.to_owned())
    }

    #[test]
    fn values_are_found_by_pointer_and_a_missing_one_names_request_and_pointer() {
        let response =
            response(200, r#"{"items": [{"id": "a", "meals": 3}], "next_cursor": null}"#);
        let json = response.json().unwrap();
        let items = json.list("/items").unwrap();
        assert_eq!((items[0].text("/id").unwrap(), items[0].number("/meals").unwrap()), ("a", 3));
        assert!(json.has("/items") && !json.has("/next_cursor") && !json.has("/nothing"));
        let failure = items[0].text("/name").unwrap_err().to_string();
        assert!(failure.contains("GET /x") && failure.contains("/name"), "{failure}");
    }

    #[test]
    fn only_the_expected_status_passes() {
        let request = Request::get("/x").expecting(StatusCode::NOT_FOUND);
        assert!(response(404, "").ensure_expected(&request).is_ok());
        let unexpected = response(200, "").ensure_expected(&request);
        assert!(matches!(unexpected, Err(Failure::UnexpectedStatus { .. })));
    }

    #[test]
    fn only_a_rate_limit_with_a_duration_asks_to_wait() {
        let mut limited = response(429, "");
        assert_eq!(limited.retry_after_secs(), None);
        limited.headers.insert(RETRY_AFTER, "6".parse().unwrap());
        assert_eq!(limited.retry_after_secs(), Some(6));
        limited.status = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(limited.retry_after_secs(), None);
    }
}
