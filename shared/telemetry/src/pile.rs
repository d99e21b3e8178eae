//! Lines on their way to the output, in piles.
//!
//! Whoever logs puts a line on the pile and goes on. A thread carries the pile away, rests, and finds
//! the next one: handing each line over on its own would cost a busy server more than writing it.
//! Nobody waits for a slow reader; lines that no longer fit are dropped and counted.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long the carrier rests after it has written a pile.
const REST: Duration = Duration::from_millis(10);

/// Bytes that wait at the most; what a reader that hangs can cost.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Room that is kept for the next pile.
const KEPT_BYTES: usize = 1024 * 1024;

/// Where lines are put. Clones share the pile.
#[derive(Clone, Default)]
pub(crate) struct Pile(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    dropped: u64,
    closed: bool,
}

impl Pile {
    /// Puts a whole line, with its end, on the pile.
    pub(crate) fn put(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.bytes.len() + line.len() > MOST_BYTES {
            waiting.dropped += 1;
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.0.news.notify_one();
        }
    }

    /// Starts the thread that carries piles to `output`, until the carrier is dropped.
    pub(crate) fn carried_to(&self, output: impl Write + Send + 'static) -> io::Result<Carrier> {
        let pile = self.clone();
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || {
            // Nobody can be told that the place to tell things is gone.
            let _ = pile.carry(output);
        })?;
        Ok(Carrier { pile: self.clone(), thread: Some(thread) })
    }

    fn carry(&self, mut output: impl Write) -> io::Result<()> {
        let mut pile = Vec::new();
        loop {
            let mut waiting = self.lock();
            while waiting.bytes.is_empty() && !waiting.closed {
                waiting = self.0.news.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            mem::swap(&mut waiting.bytes, &mut pile);
            let dropped = mem::take(&mut waiting.dropped);
            let closed = waiting.closed;
            drop(waiting);
            output.write_all(&pile)?;
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
            pile.clear();
            pile.shrink_to(KEPT_BYTES);
            thread::sleep(REST);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that writes. Dropping it writes what is still waiting.
pub(crate) struct Carrier {
    pile: Pile,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.pile.lock().closed = true;
        self.pile.0.news.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did there would be nothing left to do.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn lines_of_many_threads_arrive_whole_and_none_is_left_behind() {
        let (reader, writer) = io::pipe().unwrap();
        let reading = thread::spawn(move || io::read_to_string(reader).unwrap());
        let pile = Pile::default();
        let carrier = pile.carried_to(writer).unwrap();
        thread::scope(|scope| {
            for who in 0..4 {
                let pile = &pile;
                scope.spawn(move || {
                    for nth in 0..500 {
                        pile.put(format!("{who}:{nth}\n").as_bytes());
                    }
                });
            }
        });
        drop(carrier);
        let text = reading.join().unwrap();
        for who in 0..4 {
            let own = format!("{who}:");
            let mine: Vec<&str> = text.lines().filter(|line| line.starts_with(&own)).collect();
            let expected: Vec<String> = (0..500).map(|nth| format!("{who}:{nth}")).collect();
            assert_eq!(mine, expected);
        }
    }

    #[test]
    fn a_reader_that_hangs_stops_nobody_and_is_told_what_it_missed() {
        let (mut reader, writer) = io::pipe().unwrap();
        let pile = Pile::default();
        let carrier = pile.carried_to(writer).unwrap();
        // More than a pipe holds, and more than half of what may wait.
        let line = vec![b'x'; MOST_BYTES / 2 + 1];
        pile.put(&line);
        // The first has been taken away, and nobody reads its rest.
        reader.read_exact(&mut [0]).unwrap();
        for _ in 0..3 {
            pile.put(&line);
        }
        let reading = thread::spawn(move || io::read_to_string(reader).unwrap());
        drop(carrier);
        let text = reading.join().unwrap();
        let (lines, told) = text.split_once('{').unwrap();
        assert_eq!(lines.len(), 2 * line.len() - 1);
        assert!(told.contains(r#""dropped":2"#), "{told}");
    }
}
