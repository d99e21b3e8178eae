//! What came back.

use serde_json::Value;

use crate::fail;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// The HTTP status.
    pub status: u16,
    /// Names, in lower case, and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Demands a success whose body does not matter; anything else fails the test.
    #[track_caller]
    pub fn done(&self) {
        drop(self.ok());
    }

    /// The JSON of a success; anything else fails the test.
    #[track_caller]
    #[must_use]
    pub fn ok(&self) -> Value {
        if !(200..300).contains(&self.status) {
            fail(&format!("{}: {} {}", self.asked, self.status, self.text()));
        }
        self.json()
    }

    /// The error code of a problem; empty for anything else.
    #[must_use]
    pub fn code(&self) -> String {
        let body = self.json();
        body.get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Status and error code: `404 NOT_FOUND`, or `200`.
    #[must_use]
    pub fn outcome(&self) -> String {
        format!("{} {}", self.status, self.code()).trim_end().to_owned()
    }

    /// The first header of this name; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(of, _)| of == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Every header of this name, in order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let same = move |(of, value): &'a (String, String)| (of == name).then_some(value.as_str());
        self.headers.iter().filter_map(same)
    }
}
