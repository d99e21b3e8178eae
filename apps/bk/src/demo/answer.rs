//! An answer, and reading it with failures that name the request.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, RETRY_AFTER},
};
use serde_json::Value;

use super::{
    ask::Ask,
    failure::{Failure, shown},
};

/// An answer that was read to its end.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) request: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    json: Option<Value>,
}

impl Answer {
    /// What came back for `request`.
    pub(super) fn new(
        request: String,
        status: StatusCode,
        headers: HeaderMap,
        text: String,
    ) -> Self {
        let json = serde_json::from_str(&text).ok();
        Self { request, status, headers, text, json }
    }

    /// The answer, if it is the one that was expected.
    pub(super) fn expected(self, ask: &Ask) -> Result<Self, Failure> {
        if self.status == ask.status {
            return Ok(self);
        }
        let body = shown(self.json.as_ref(), &self.text);
        let Self { request, status, .. } = self;
        Err(Failure::Unexpected { request, status, expected: ask.status, body })
    }

    /// Seconds to wait before asking again, when the server limits how often it is asked.
    pub(super) fn retry_after_secs(&self) -> Option<u64> {
        let limited = self.status == StatusCode::TOO_MANY_REQUESTS;
        limited.then(|| self.header(&RETRY_AFTER).and_then(|text| text.parse().ok())).flatten()
    }

    /// The version that a change of it repeats.
    pub(super) fn etag(&self) -> Result<String, Failure> {
        self.header(&ETAG).map(str::to_owned).ok_or_else(|| self.shape("ETag"))
    }

    /// The media type, without parameters.
    pub(super) fn media_type(&self) -> &str {
        let whole = self.header(&CONTENT_TYPE).unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim()
    }

    /// The JSON of the answer.
    pub(super) fn json(&self) -> Result<Reading<'_>, Failure> {
        let value = self.json.as_ref().ok_or_else(|| self.shape("JSON"))?;
        Ok(Reading { answer: self, value })
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn shape(&self, what: &str) -> Failure {
        let body = shown(self.json.as_ref(), &self.text);
        Failure::Shape { request: self.request.clone(), what: what.to_owned(), body }
    }
}

/// A part of an answer's JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    answer: &'a Answer,
    pub(super) value: &'a Value,
}

impl<'a> Reading<'a> {
    /// The text at a JSON pointer.
    pub(super) fn text(&self, pointer: &str) -> Result<&'a str, Failure> {
        self.get(pointer, Value::as_str)
    }

    /// The whole number at a JSON pointer.
    pub(super) fn number(&self, pointer: &str) -> Result<i64, Failure> {
        self.get(pointer, Value::as_i64)
    }

    /// The instant at a JSON pointer.
    pub(super) fn instant(&self, pointer: &str) -> Result<DateTime<Utc>, Failure> {
        self.get(pointer, |value| value.as_str()?.parse().ok())
    }

    /// The elements of the list at a JSON pointer.
    pub(super) fn list(&self, pointer: &str) -> Result<Vec<Self>, Failure> {
        let items = self.get(pointer, Value::as_array)?;
        Ok(items.iter().map(|value| Self { answer: self.answer, value }).collect())
    }

    /// The texts of the list at a JSON pointer.
    pub(super) fn texts(&self, pointer: &str) -> Result<Vec<&'a str>, Failure> {
        self.list(pointer)?.into_iter().map(|item| item.text("")).collect()
    }

    /// Whether there is something else than null at a JSON pointer.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.value.pointer(pointer).is_some_and(|value| !value.is_null())
    }

    fn get<T>(
        &self,
        pointer: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, Failure> {
        self.value.pointer(pointer).and_then(read).ok_or_else(|| {
            let what = if pointer.is_empty() { Cow::from("text") } else { Cow::from(pointer) };
            self.answer.shape(&what)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, text: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer::new("GET /x".to_owned(), status, HeaderMap::new(), text.to_owned())
    }

    #[test]
    fn what_is_there_is_read_and_what_is_not_names_request_and_place() {
        let answer = answer(200, r#"{"items": [{"id": "a", "meals": 3}], "next_cursor": null}"#);
        let json = answer.json().unwrap();
        let items = json.list("/items").unwrap();
        assert_eq!((items[0].text("/id").unwrap(), items[0].number("/meals").unwrap()), ("a", 3));
        assert!(json.has("/items") && !json.has("/next_cursor") && !json.has("/nothing"));
        let failure = items[0].text("/name").unwrap_err().to_string();
        assert!(failure.contains("GET /x") && failure.contains("/name"), "{failure}");
    }

    #[test]
    fn only_the_expected_status_passes() {
        let ask = Ask::get("/x").expecting(StatusCode::NOT_FOUND);
        assert!(answer(404, "").expected(&ask).is_ok());
        assert!(matches!(answer(200, "").expected(&ask), Err(Failure::Unexpected { .. })));
    }

    #[test]
    fn waiting_is_asked_for_only_by_a_limit_that_says_how_long() {
        let mut limited = answer(429, "");
        assert_eq!(limited.retry_after_secs(), None);
        limited.headers.insert(RETRY_AFTER, "6".parse().unwrap());
        assert_eq!(limited.retry_after_secs(), Some(6));
        limited.status = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(limited.retry_after_secs(), None);
    }
}
