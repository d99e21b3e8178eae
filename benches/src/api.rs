//! Programs that answer HTTP, started and watched: the API and the bare route.

use std::{
    fmt,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{Outcome, Settings, bare, ground::Ground, load};

/// The product's clock at each start: Friday 13:00 in Brisbane, the window is open.
pub(crate) const CLOCK: &str = "2026-11-27T03:00:00Z";

/// The key of CSRF tokens, so that they can be made here.
pub(crate) const CSRF_KEY: [u8; 32] = [7; 32];

/// A start takes a second or two; the first lays demo data.
const PATIENCE: Duration = Duration::from_mins(3);

/// Ticks of a second in `/proc`, on every Linux.
const TICKS: f64 = 100.0;

/// A program that runs.
pub(crate) struct Program {
    child: Child,
    /// Where it answers.
    pub(crate) addr: SocketAddr,
}

/// What it used at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    cpu_secs: f64,
    at: Instant,
}

impl Program {
    /// The API in `role`, on the server of this run.
    pub(crate) fn api(
        settings: &Settings,
        ground: &Ground,
        folder: &Path,
        role: &str,
    ) -> Outcome<Self> {
        let own = std::env::current_exe()?;
        let program = settings.api.clone().unwrap_or_else(|| own.with_file_name("bk-api"));
        let log = folder.join(format!("api-{role}.log"));
        let mut command = Command::new(&program);
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if ["BK_", "DATABASE_", "REDIS_", "STRIPE_", "SMTP_", "OTEL_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            {
                command.env_remove(key);
            }
        }
        let child = command
            .env("BK_ENV", "development")
            .env("BK_ROLE", role)
            .env("BK_DATA_DIR", folder.join("data"))
            .env("BK_CLOCK", CLOCK)
            .env("BK_RATE_LIMITS", "off")
            .env("BK_HTTP_WORKERS", settings.workers.to_string())
            .env("BK_HTTP_ADDR", "127.0.0.1:0")
            .env("BK_METRICS_ADDR", "127.0.0.1:0")
            .env("BK_SIMULATOR_ADDR", "127.0.0.1:0")
            .env("BK_SECRET_KEY", hex(&CSRF_KEY))
            .env("DATABASE_URL", ground.superuser()?.expose())
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut this = Self { child, addr: SocketAddr::from(([127, 0, 0, 1], 0)) };
        this.addr = this.announced(&log)?;
        Ok(this)
    }

    /// The bare route, answering with `body`.
    pub(crate) fn bare(settings: &Settings, body: &str) -> Outcome<Self> {
        let workers = settings.workers.to_string();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["bare", "--workers", &workers, "--body", body])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, addr: line.trim().parse()? })
    }

    /// The address in the block that the API prints when it is ready.
    fn announced(&mut self, log: &Path) -> Outcome<SocketAddr> {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(log)?;
            let line = text.lines().find_map(|line| line.trim().strip_prefix("API "));
            let url =
                line.and_then(|rest| rest.trim().strip_prefix("http://")?.strip_suffix("/api/v1"));
            if let Some(url) = url {
                return Ok(url.parse()?);
            }
            if self.child.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                return Err(format!("the API did not start:\n{text}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The bytes of a request to this program.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
        let addr = self.addr;
        let length = match body.len() {
            0 => String::new(),
            length => format!("content-type: application/json\r\ncontent-length: {length}\r\n"),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {addr}\r\norigin: http://{addr}\r\n{headers}{length}\r\n{body}"
        )
        .into_bytes()
    }

    /// The request to the bare route.
    pub(crate) fn bare_request(&self) -> Vec<u8> {
        self.request("GET", bare::PATH, "", "")
    }

    /// Sends one request and returns the body of its answer.
    pub(crate) fn ask(&self, request: &[u8]) -> Outcome<String> {
        let mut stream = TcpStream::connect(self.addr)?;
        let text =
            String::from_utf8_lossy(request).replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(text.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("not HTTP")?;
        if head.get(9..10) == Some("2") {
            Ok(body.to_owned())
        } else {
            Err(format!("refused: {answer}").into())
        }
    }

    /// What it has used until now.
    pub(crate) fn used(&self) -> Outcome<Used> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let rest = stat.rsplit_once(") ").ok_or("no process")?.1;
        let ticks =
            rest.split(' ').skip(11).take(2).map(str::parse::<usize>).sum::<Result<usize, _>>()?;
        Ok(Used { cpu_secs: load::count(ticks) / TICKS, at: Instant::now() })
    }

    /// Resident memory in megabytes: now, and at the most.
    pub(crate) fn resident_mb(&self) -> Outcome<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kilobytes = |name: &str| -> Outcome<f64> {
            let line =
                status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory")?;
            Ok(line.trim().trim_end_matches(" kB").parse::<f64>()?)
        };
        Ok((kilobytes("VmRSS:")? / 1024.0, kilobytes("VmHWM:")? / 1024.0))
    }

    /// Asks it to end, as Control-C would, and waits.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        text
    })
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended, or this run failed and nobody needs it any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Used {
    /// Cores used since `self`.
    pub(crate) fn cores_until(self, later: Self) -> f64 {
        (later.cpu_secs - self.cpu_secs) / (later.at - self.at).as_secs_f64()
    }
}
