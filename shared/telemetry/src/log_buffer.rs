//! The buffer between the code that logs and standard output.
//!
//! A logging thread appends its line to the buffer under a lock and continues. One writer thread swaps the
//! full buffer for an empty one, writes it, and waits a few milliseconds for more lines to gather. A slow
//! reader of the output therefore slows no request: once the buffer is full, lines are dropped and their
//! number is logged. `docs/adr/0006-log-lines.md` says why no library does this here.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// Pause of the writer thread between two writes, in which lines gather.
const FLUSH_INTERVAL: Duration = Duration::from_millis(10);

/// Bytes the buffer holds before it drops lines: the memory that a stalled reader can cost.
const BUFFER_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Capacity the buffer keeps allocated after a write.
const RETAINED_CAPACITY_BYTES: usize = 1024 * 1024;

/// A bounded buffer of complete log lines. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct LogBuffer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<u8>,
    dropped_lines: u64,
    closed: bool,
}

impl LogBuffer {
    /// Appends one line, which includes its newline. Drops the line when the buffer is full.
    pub(crate) fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.lines.len() + line.len() > BUFFER_MAX_BYTES {
            state.dropped_lines += 1;
            return;
        }
        let was_empty = state.lines.is_empty();
        state.lines.extend_from_slice(line);
        drop(state);
        if was_empty {
            self.0.changed.notify_one();
        }
    }

    /// Starts the thread that writes the buffer to `output` until the returned [`LogWriter`] is dropped.
    /// Fails when the operating system refuses the thread.
    #[expect(clippy::disallowed_methods, reason = "the one writer of log lines has a thread")]
    pub(crate) fn write_to(&self, output: impl Write + Send + 'static) -> io::Result<LogWriter> {
        let buffer = self.clone();
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || {
            // Standard output is gone, so there is nowhere left to report the error.
            let _ = buffer.write_until_closed(output);
        })?;
        Ok(LogWriter { buffer: self.clone(), thread: Some(thread) })
    }

    #[expect(clippy::disallowed_methods, reason = "a log line carries the time of the machine")]
    fn write_until_closed(&self, mut output: impl Write) -> io::Result<()> {
        let mut lines = Vec::new();
        loop {
            let mut state = self.lock();
            while state.lines.is_empty() && !state.closed {
                state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            mem::swap(&mut state.lines, &mut lines);
            let dropped = mem::take(&mut state.dropped_lines);
            let closed = state.closed;
            drop(state);
            output.write_all(&lines)?;
            if dropped > 0 {
                let at = chrono::Utc::now().to_rfc3339();
                writeln!(
                    output,
                    r#"{{"at":"{at}","level":"WARN","target":"log","dropped":{dropped}}}"#
                )?;
            }
            output.flush()?;
            if closed {
                return Ok(());
            }
            lines.clear();
            lines.shrink_to(RETAINED_CAPACITY_BYTES);
            thread::sleep(FLUSH_INTERVAL);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Handle of the writer thread. Dropping it writes what is still buffered and waits for the thread to end.
pub(crate) struct LogWriter {
    buffer: LogBuffer,
    thread: Option<JoinHandle<()>>,
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.buffer.lock().closed = true;
        self.buffer.0.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread does not panic; had it panicked, the process is ending and cannot log it.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests read what another thread writes")]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn lines_of_many_threads_arrive_whole_and_none_is_lost() {
        let (reader, output) = io::pipe().unwrap();
        let reading = thread::spawn(move || io::read_to_string(reader).unwrap());
        let buffer = LogBuffer::default();
        let writer = buffer.write_to(output).unwrap();
        thread::scope(|scope| {
            for thread in 0..4 {
                let buffer = &buffer;
                scope.spawn(move || {
                    for nth in 0..500 {
                        buffer.push(format!("{thread}:{nth}\n").as_bytes());
                    }
                });
            }
        });
        drop(writer);
        let text = reading.join().unwrap();
        for thread in 0..4 {
            let prefix = format!("{thread}:");
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(&prefix)).collect();
            let expected: Vec<String> = (0..500).map(|nth| format!("{thread}:{nth}")).collect();
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn a_stalled_reader_blocks_no_logging_and_learns_how_many_lines_were_dropped() {
        let (mut reader, output) = io::pipe().unwrap();
        let buffer = LogBuffer::default();
        let writer = buffer.write_to(output).unwrap();
        // More than a pipe holds, and more than half of what the buffer holds.
        let line = vec![b'x'; BUFFER_MAX_BYTES / 2 + 1];
        buffer.push(&line);
        // The writer thread has swapped the first line out and is blocked in writing the rest of it.
        reader.read_exact(&mut [0]).unwrap();
        for _ in 0..3 {
            buffer.push(&line);
        }
        let reading = thread::spawn(move || io::read_to_string(reader).unwrap());
        drop(writer);
        let text = reading.join().unwrap();
        let (lines, report) = text.split_once('{').unwrap();
        assert_eq!(lines.len(), 2 * line.len() - 1);
        assert!(report.contains(r#""dropped":2"#), "{report}");
    }
}
