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

/// What stands in the place of a sensitive value.
const REDACTED: &str = "[redacted]";

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

/// All of them at once: every field of every line is looked at. Names are short, so the plain table
/// wins over anything that first looks for a promising place.
static SENSITIVE_WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).prefilter(false).build(SENSITIVE).ok()
});

/// Whether a field of this name must not be logged.
fn is_sensitive(name: &str) -> bool {
    // Without the automaton, which fourteen short words cannot fail to make, everything is.
    SENSITIVE_WORDS.as_ref().is_none_or(|words| words.is_match(name))
}

/// Writes events as JSON lines. Spans are for traces and do not appear here: a line carries all that
/// is needed to find its request.
pub(crate) struct JsonLines<W> {
    write: W,
}

impl<W: Fn(&[u8])> JsonLines<W> {
    /// Gives each line, with its end, to `write`.
    pub(crate) const fn new(write: W) -> Self {
        Self { write }
    }
}

impl<S: Subscriber, W: Fn(&[u8]) + 'static> Layer<S> for JsonLines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(ROOM.try_with(Cell::take).unwrap_or_default());
        line.put("at", &Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true));
        line.put("level", event.metadata().level().as_str());
        line.put("target", event.metadata().target());
        event.record(&mut line);
        line.0.extend_from_slice(b"}\n");
        (self.write)(&line.0);
        line.0.clear();
        line.0.shrink_to(KEPT_BYTES);
        // It fails while the thread ends, and then the room is not needed again.
        let _ = ROOM.try_with(|room| room.set(line.0));
    }
}

/// Room for a line; an access line has some 400 bytes.
const KEPT_BYTES: usize = 4 * 1024;

thread_local! {
    /// The room of this thread's last line, for its next one.
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The object so far, without its closing brace: written once, from left to right, because this
/// happens for every request.
struct Line(Vec<u8>);

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
