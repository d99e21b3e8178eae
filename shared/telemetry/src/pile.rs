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
    use std::sync::mpsc;

    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Output {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_of_many_threads_arrive_whole_and_none_is_left_behind() {
        let (pile, output) = (Pile::default(), Output::default());
        let carrier = pile.carried_to(output.clone()).unwrap();
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
        let text = output.text();
        for who in 0..4 {
            let own = format!("{who}:");
            let mine: Vec<&str> = text.lines().filter(|line| line.starts_with(&own)).collect();
            let expected: Vec<String> = (0..500).map(|nth| format!("{who}:{nth}")).collect();
            assert_eq!(mine, expected);
        }
    }

    /// An output whose reader hangs until it is told to go on.
    struct Stuck(mpsc::Receiver<()>, Output);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // An error: the sender is gone, nothing holds it up any more.
            let _ = self.0.recv();
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_hangs_stops_nobody_and_is_told_what_it_missed() {
        let (pile, output) = (Pile::default(), Output::default());
        let (go_on, stuck) = mpsc::channel();
        let carrier = pile.carried_to(Stuck(stuck, output.clone())).unwrap();
        let line = vec![b'x'; MOST_BYTES / 2 + 1];
        // Whatever of these the carrier takes, one at most stays behind it.
        for _ in 0..4 {
            pile.put(&line);
        }
        drop(go_on);
        drop(carrier);
        let text = output.text();
        assert!(text.contains(r#""dropped":2"#) || text.contains(r#""dropped":3"#));
    }
}
