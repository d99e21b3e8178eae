//! The load generator: several clients at once, each with one keep-alive connection. It sends prepared bytes over
//! HTTP/1.1, so that the clients take as little as possible of the cores that they share with the server.

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

/// When the clients stop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StopAfter {
    /// After this time; the requests are repeated until then.
    Elapsed(Duration),
    /// After each request has been sent once.
    AllSent,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct LoadResult {
    pub(crate) requests_per_sec: f64,
    /// Median latency in microseconds.
    pub(crate) p50_us: u64,
    /// 99th percentile of the latency in microseconds.
    pub(crate) p99_us: u64,
}

/// Sends `requests` over `connections`.
///
/// Fails at the first response that is not 2xx: rejecting a request is faster than executing it, so a result with
/// rejections would be too good.
pub(crate) fn run(
    addr: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    stop_after: StopAfter,
) -> Outcome<LoadResult> {
    let requests = Arc::clone(requests);
    let generator = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run_clients(addr, requests, connections, stop_after))
    });
    generator.join().map_err(|_| "the load generator panicked")?
}

async fn run_clients(
    addr: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    stop_after: StopAfter,
) -> Outcome<LoadResult> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let started = Instant::now();
    let clients: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let client =
                Client { stream, requests: Arc::clone(&requests), next: Arc::clone(&next) };
            tokio::spawn(client.run(started, stop_after))
        })
        .collect();
    let mut latencies_us = Vec::new();
    for client in clients {
        latencies_us.extend(client.await??);
    }
    let elapsed = started.elapsed();
    latencies_us.sort_unstable();
    let percentile = |percent: usize| {
        let index = (latencies_us.len() * percent / 100).min(latencies_us.len().saturating_sub(1));
        latencies_us.get(index).copied().ok_or("no responses")
    };
    Ok(LoadResult {
        requests_per_sec: to_f64(latencies_us.len()) / elapsed.as_secs_f64(),
        p50_us: percentile(50)?,
        p99_us: percentile(99)?,
    })
}

/// Converts a count for a division. Counts of a benchmark fit into 32 bits.
pub(crate) fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

struct Client {
    stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    /// Index of the next request; shared by all clients.
    next: Arc<AtomicUsize>,
}

impl Client {
    /// Sends requests until the end and returns the latency of each in microseconds.
    async fn run(mut self, started: Instant, stop_after: StopAfter) -> Outcome<Vec<u64>> {
        let mut latencies_us = Vec::new();
        let mut buffer = Vec::with_capacity(64 * 1024);
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let request = match stop_after {
                StopAfter::Elapsed(duration) if started.elapsed() >= duration => break,
                StopAfter::Elapsed(_) => self.requests.get(index % self.requests.len().max(1)),
                StopAfter::AllSent => self.requests.get(index),
            };
            let Some(request) = request else { break };
            let sent_at = Instant::now();
            self.stream.write_all(request).await?;
            self.read_response(&mut buffer).await?;
            latencies_us.push(u64::try_from(sent_at.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        Ok(latencies_us)
    }

    async fn read_response(&mut self, buffer: &mut Vec<u8>) -> Outcome<()> {
        buffer.clear();
        loop {
            if let Some(end) = memmem::find(buffer, b"\r\n\r\n") {
                let (head, body) = buffer.split_at(end + 4);
                let length = content_length(head).ok_or("a response without content-length")?;
                if body.len() >= length {
                    return ensure_success(head, body);
                }
            }
            if self.stream.read_buf(buffer).await? == 0 {
                return Err("the connection was closed".into());
            }
        }
    }
}

fn ensure_success(head: &[u8], body: &[u8]) -> Outcome<()> {
    if head.get(9) == Some(&b'2') {
        return Ok(());
    }
    let response = [head, body].concat();
    Err(format!("not a success: {}", String::from_utf8_lossy(&response)).into())
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head.lines().find(|line| {
        line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case("content-length:"))
    })?;
    line.get(15..)?.trim().parse().ok()
}
