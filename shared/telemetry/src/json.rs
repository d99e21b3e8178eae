//! The log format: one JSON object a line, with sensitive fields replaced.

use std::{fmt, sync::LazyLock};

use aho_corasick::AhoCorasick;
use serde::Serialize;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// What stands in the place of a sensitive value.
pub const REDACTED: &str = "[redacted]";

/// Words that make a field's name sensitive.
const SENSITIVE: [&str; 14] = [
    "password",
    "secret",
    "token",
    "cookie",
    "authorization",
    "signature",
    "csrf",
    "email",
    "phone",
    "address",
    "preference",
    "allergen",
    "body",
    "payload",
];

/// All of them at once: every field of every line is looked at.
static SENSITIVE_WORDS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(SENSITIVE).ok());

/// Whether a field of this name must not be logged.
#[must_use]
pub fn is_sensitive(name: &str) -> bool {
    // Without the automaton, which fourteen short words cannot fail to make, everything is.
    SENSITIVE_WORDS.as_ref().is_none_or(|words| words.is_match(name))
}

/// Formats events as JSON lines. Spans are for traces and do not appear here: a line carries all
/// that is needed to find its request.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::default();
        line.put("at", &chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
        line.put("level", event.metadata().level().as_str());
        line.put("target", event.metadata().target());
        event.record(&mut line);
        line.0.extend_from_slice(b"}\n");
        writer.write_str(str::from_utf8(&line.0).map_err(|_| fmt::Error)?)
    }
}

/// The object so far, without its closing brace: written once, from left to right, because this
/// happens for every request.
struct Line(Vec<u8>);

/// An access line has some 400 bytes.
const LINE_BYTES: usize = 512;

impl Default for Line {
    fn default() -> Self {
        Self(Vec::with_capacity(LINE_BYTES))
    }
}

impl Line {
    fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        self.push(name);
        self.0.push(b':');
        if is_sensitive(name) { self.push(REDACTED) } else { self.push(value) }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) {
        let before = self.0.len();
        // Text and numbers always have a JSON form.
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.truncate(before);
            self.0.extend_from_slice(b"null");
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), &format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: impl FnOnce()) -> Value {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(JsonLines)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = buffer.0.lock().unwrap().clone();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn a_line_is_one_json_object() {
        let line = logged(|| tracing::info!(count = 3, "three\nlines"));
        assert_eq!(line["message"], "three\nlines");
        assert_eq!(line["count"], 3);
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn a_canary_in_a_sensitive_field_is_never_written() {
        let line = logged(|| {
            tracing::info!(
                password = "canary",
                session_token = "canary",
                user_email = "canary",
                "x"
            );
        });
        assert!(!line.to_string().contains("canary"));
        assert_eq!(line["password"], REDACTED);
    }
}
