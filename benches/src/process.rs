//! The HTTP servers that are measured, each as a process of its own: the API and the baseline route.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{Outcome, Settings, baseline_route, load, postgres::Postgres};

/// The product's clock at each start: Friday 13:00 in Brisbane, when the demo tenants accept orders.
pub(crate) const CLOCK: &str = "2026-11-27T03:00:00Z";

/// The key that the API signs CSRF tokens with, so that this program can make valid tokens.
pub(crate) const CSRF_KEY: [u8; 32] = [7; 32];

/// How long the API may take to start. It needs a second or two, and longer when it seeds the demo data.
const START_TIMEOUT: Duration = Duration::from_mins(3);

/// Unit of CPU time in `/proc`: `USER_HZ`, which is 100 on every Linux.
const CLOCK_TICKS_PER_SEC: f64 = 100.0;

/// Environment variables of the API, which it must not inherit from this program.
const API_VARIABLES: [&str; 6] = ["BK_", "DATABASE_", "REDIS_", "STRIPE_", "SMTP_", "OTEL_"];

/// A running HTTP server. Dropping it kills the process.
pub(crate) struct ServerProcess {
    child: Child,
    pub(crate) addr: SocketAddr,
}

impl ServerProcess {
    /// Starts the API with the role `role` and waits until it is ready. Fails when it is not ready within
    /// [`START_TIMEOUT`].
    pub(crate) fn api(
        settings: &Settings,
        postgres: &Postgres,
        directory: &Path,
        role: &str,
    ) -> Outcome<Self> {
        let own = std::env::current_exe()?;
        let program = settings.api.clone().unwrap_or_else(|| own.with_file_name("bk-api"));
        let log = directory.join(format!("api-{role}.log"));
        let mut command = Command::new(&program);
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if API_VARIABLES.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(key);
            }
        }
        let child = command
            .env("BK_ENV", "development")
            .env("BK_ROLE", role)
            .env("BK_DATA_DIR", directory.join("data"))
            .env("BK_CLOCK", CLOCK)
            .env("BK_RATE_LIMITS", "off")
            .env("BK_HTTP_WORKERS", settings.workers.to_string())
            .env("BK_HTTP_ADDR", "127.0.0.1:0")
            .env("BK_METRICS_ADDR", "127.0.0.1:0")
            .env("BK_SIMULATOR_ADDR", "127.0.0.1:0")
            .env("BK_SECRET_KEY", hex::encode(CSRF_KEY))
            .env("DATABASE_URL", postgres.superuser_url()?.expose())
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut server = Self { child, addr: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.addr = server.wait_for_address(&log)?;
        Ok(server)
    }

    /// Starts the baseline route, which answers with the JSON `body`.
    pub(crate) fn baseline_route(settings: &Settings, body: &str) -> Outcome<Self> {
        let workers = settings.workers.to_string();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["baseline-route", "--workers", &workers, "--body", body])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, addr: line.trim().parse()? })
    }

    /// Waits for the block of text that the API prints when it is ready, and returns the address in it.
    fn wait_for_address(&mut self, log: &Path) -> Outcome<SocketAddr> {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(log)?;
            let line = text.lines().find_map(|line| line.trim().strip_prefix("API "));
            let url =
                line.and_then(|rest| rest.trim().strip_prefix("http://")?.strip_suffix("/api/v1"));
            if let Some(url) = url {
                return Ok(url.parse()?);
            }
            if self.child.try_wait()?.is_some() || started.elapsed() > START_TIMEOUT {
                return Err(format!("the API did not start:\n{text}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Returns the bytes of a request to this server. `headers` are complete lines.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
        let addr = self.addr;
        let content_headers = match body.len() {
            0 => String::new(),
            length => format!("content-type: application/json\r\ncontent-length: {length}\r\n"),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {addr}\r\norigin: http://{addr}\r\n{headers}{content_headers}\r\n{body}"
        )
        .into_bytes()
    }

    /// Returns the bytes of a request to the baseline route.
    pub(crate) fn baseline_request(&self) -> Vec<u8> {
        self.request("GET", baseline_route::PATH, "", "")
    }

    /// Sends one request and returns the body of the response. Fails when its status is not 2xx.
    pub(crate) fn send(&self, request: &[u8]) -> Outcome<String> {
        let mut stream = TcpStream::connect(self.addr)?;
        let text =
            String::from_utf8_lossy(request).replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(text.as_bytes())?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (head, body) = response.split_once("\r\n\r\n").ok_or("not HTTP")?;
        if head.get(9..10) == Some("2") {
            Ok(body.to_owned())
        } else {
            Err(format!("not a success: {response}").into())
        }
    }

    /// Reads the CPU time that the process has used since its start.
    pub(crate) fn cpu_sample(&self) -> Outcome<CpuSample> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(") ").ok_or("no process")?.1;
        // utime and stime.
        let ticks = fields
            .split(' ')
            .skip(11)
            .take(2)
            .map(str::parse::<usize>)
            .sum::<Result<usize, _>>()?;
        Ok(CpuSample { cpu_secs: load::to_f64(ticks) / CLOCK_TICKS_PER_SEC, at: Instant::now() })
    }

    /// Reads the resident memory of the process in megabytes: the current and the peak value.
    pub(crate) fn resident_mb(&self) -> Outcome<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kilobytes = |name: &str| -> Outcome<f64> {
            let line =
                status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory")?;
            Ok(line.trim().trim_end_matches(" kB").parse::<f64>()?)
        };
        Ok((kilobytes("VmRSS:")? / 1024.0, kilobytes("VmHWM:")? / 1024.0))
    }

    /// Interrupts the process, as Control-C would, and waits until it has ended.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Both fail when the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time that a process had used at an instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuSample {
    cpu_secs: f64,
    at: Instant,
}

impl CpuSample {
    /// Returns the average number of cores that the process used between the two samples.
    pub(crate) fn cores_until(self, later: Self) -> f64 {
        (later.cpu_secs - self.cpu_secs) / (later.at - self.at).as_secs_f64()
    }
}
