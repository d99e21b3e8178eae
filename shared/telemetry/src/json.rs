//! The log format: one JSON object a line, with sensitive fields replaced.

use std::{cell::Cell, fmt, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// Replaces the value of a sensitive field.
const REDACTED: &str = "[redacted]";

/// A field whose name contains one of these words is sensitive.
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

/// Finds any of the words in one pass, because every field of every line is checked. A DFA without a
/// prefilter is the fastest of the automata on names as short as these.
static SENSITIVE_WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).prefilter(false).build(SENSITIVE).ok()
});

/// Returns whether the value of a field with this name must not be logged.
fn is_sensitive(name: &str) -> bool {
    // Fourteen short words always make an automaton; if they did not, every field would be redacted.
    SENSITIVE_WORDS.as_ref().is_none_or(|words| words.is_match(name))
}

/// A layer that writes each event as one JSON object in one line. Spans are left out: they belong to
/// traces, and a line carries the ids that are needed to find its request.
pub(crate) struct JsonLines<W> {
    write: W,
}

impl<W: Fn(&[u8])> JsonLines<W> {
    /// Passes each line, including its newline, to `write`.
    pub(crate) const fn new(write: W) -> Self {
        Self { write }
    }
}

impl<S: Subscriber, W: Fn(&[u8]) + 'static> Layer<S> for JsonLines<W> {
    #[expect(clippy::disallowed_methods, reason = "a log line carries the time of the machine")]
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(LINE_BUFFER.try_with(Cell::take).unwrap_or_default());
        line.push_field("at", &Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true));
        line.push_field("level", event.metadata().level().as_str());
        line.push_field("target", event.metadata().target());
        event.record(&mut line);
        line.0.extend_from_slice(b"}\n");
        (self.write)(&line.0);
        line.0.clear();
        line.0.shrink_to(RETAINED_CAPACITY_BYTES);
        // This fails only while the thread ends, when no further line will need the buffer.
        let _ = LINE_BUFFER.try_with(|buffer| buffer.set(line.0));
    }
}

/// Capacity a thread keeps allocated for its next line; an access-log line has some 400 bytes.
const RETAINED_CAPACITY_BYTES: usize = 4 * 1024;

thread_local! {
    /// The allocation of this thread's last line, reused by its next one.
    static LINE_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A JSON object under construction, without its closing brace. Fields are serialised straight into the
/// bytes of the line, without a map in between, because this runs for every request.
struct Line(Vec<u8>);

impl Line {
    fn push_field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        self.push_value(name);
        self.0.push(b':');
        if is_sensitive(name) { self.push_value(REDACTED) } else { self.push_value(value) }
    }

    fn push_value<T: Serialize + ?Sized>(&mut self, value: &T) {
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
        self.push_field(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_field(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_field(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_field(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push_field(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push_field(field.name(), &format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn logged(log: impl FnOnce()) -> Value {
        let lines: Arc<Mutex<Vec<u8>>> = Arc::default();
        let written = Arc::clone(&lines);
        let layer =
            JsonLines::new(move |line: &[u8]| written.lock().unwrap().extend_from_slice(line));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        serde_json::from_slice(&lines.lock().unwrap()).unwrap()
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
