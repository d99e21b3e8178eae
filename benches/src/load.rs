//! Many callers at once, each on a connection that it keeps: HTTP/1.1 with prepared bytes, so that
//! the caller costs as little of the machine as it can.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Outcome;

/// Until when requests are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// Round and round, for so long.
    Elapsed(Duration),
    /// Each request once.
    AllSent,
}

/// What was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Answers per second.
    pub(crate) per_second: f64,
    /// Half of them came within so many microseconds.
    pub(crate) p50_us: u64,
    /// Ninety-nine of a hundred did.
    pub(crate) p99_us: u64,
}

/// Sends `requests` over `connections`. Anything but a success is an error: it would be faster than
/// the work.
pub(crate) fn run(
    addr: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    until: Until,
) -> Outcome<Seen> {
    let requests = Arc::clone(requests);
    let caller = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(call(addr, requests, connections, until))
    });
    caller.join().map_err(|_| "the caller broke")?
}

async fn call(
    addr: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    until: Until,
) -> Outcome<Seen> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let started = Instant::now();
    let callers: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let caller =
                Caller { stream, requests: Arc::clone(&requests), next: Arc::clone(&next) };
            tokio::spawn(caller.work(started, until))
        })
        .collect();
    let mut took = Vec::new();
    for caller in callers {
        took.extend(caller.await??);
    }
    let elapsed = started.elapsed();
    took.sort_unstable();
    let quantile = |percent: usize| {
        let at = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(at).copied().ok_or("no answers")
    };
    Ok(Seen {
        per_second: count(took.len()) / elapsed.as_secs_f64(),
        p50_us: quantile(50)?,
        p99_us: quantile(99)?,
    })
}

/// A number of things, for dividing.
pub(crate) fn count(things: usize) -> f64 {
    u32::try_from(things).map_or(f64::INFINITY, f64::from)
}

struct Caller {
    stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
}

impl Caller {
    /// Sends until the end; the microseconds each answer took.
    async fn work(mut self, started: Instant, until: Until) -> Outcome<Vec<u64>> {
        let mut took = Vec::new();
        let mut buffer = Vec::with_capacity(64 * 1024);
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let request = match until {
                Until::Elapsed(duration) if started.elapsed() >= duration => break,
                Until::Elapsed(_) => self.requests.get(at % self.requests.len().max(1)),
                Until::AllSent => self.requests.get(at),
            };
            let Some(request) = request else { break };
            let sent = Instant::now();
            self.stream.write_all(request).await?;
            self.read_answer(&mut buffer).await?;
            took.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        Ok(took)
    }

    async fn read_answer(&mut self, buffer: &mut Vec<u8>) -> Outcome<()> {
        buffer.clear();
        loop {
            if let Some(end) = memmem::find(buffer, b"\r\n\r\n") {
                let (head, body) = buffer.split_at(end + 4);
                let length = content_length(head).ok_or("an answer without a length")?;
                if body.len() >= length {
                    return accept(head, body);
                }
            }
            if self.stream.read_buf(buffer).await? == 0 {
                return Err("the connection was closed".into());
            }
        }
    }
}

fn accept(head: &[u8], body: &[u8]) -> Outcome<()> {
    if head.get(9) == Some(&b'2') {
        return Ok(());
    }
    let told = [head, body].concat();
    Err(format!("refused: {}", String::from_utf8_lossy(&told)).into())
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.lines().find(|line| {
        line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case("content-length:"))
    })?;
    line.get(15..)?.trim().parse().ok()
}
