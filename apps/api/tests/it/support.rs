//! A product running as a child process.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use bk_kernel::Surface;
use bk_testing::{Browser, Call, Tcp};
use tempfile::TempDir;

/// Nothing here takes longer, on the busiest machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// What development calls the cookie of a customer's session.
const SESSION_COOKIE: &str = "bk_client_session";

/// A user of the system.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    uid: u32,
    gid: u32,
}

/// The ordinary user that exists everywhere.
pub const ORDINARY_ACCOUNT: Account = Account { uid: 65_534, gid: 65_534 };

/// Whether the tests run as root.
pub fn am_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of what we make is who we are.
    tempfile::tempdir().unwrap().path().metadata().unwrap().uid() == 0
}

/// A folder for one product, owned by the account that runs it.
pub struct Folder {
    outer: TempDir,
    account: Option<Account>,
}

impl Folder {
    pub fn new(account: Option<Account>) -> Self {
        let outer = tempfile::tempdir().unwrap();
        fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o755)).unwrap();
        if let Some(Account { uid, gid }) = account {
            chown(outer.path(), Some(uid), Some(gid)).unwrap();
        }
        Self { outer, account }
    }

    fn data(&self) -> PathBuf {
        self.outer.path().join("data")
    }
}

/// How many servers run on this folder's database: processes whose own data directory it is, not
/// those they forked.
pub fn postgres_processes(folder: &Folder) -> usize {
    let wanted = format!("{}/postgres/data", folder.data().display());
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|process| {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let mut words = line.split(|byte| *byte == 0);
            words.any(|word| word == wanted.as_bytes())
        })
        .count()
}

/// A running product.
pub struct Host {
    child: Child,
    block: std::cell::OnceCell<String>,
    lines: mpsc::Receiver<String>,
}

/// How a product ended that was not asked to.
pub struct Ended {
    pub code: Option<i32>,
    pub stderr: String,
}

impl Host {
    pub fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[])
    }

    /// With settings besides those every test has.
    pub fn start_with(folder: &Folder, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bk-api"));
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if ["BK_", "DATABASE_", "REDIS_", "STRIPE_", "SMTP_", "OTEL_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            {
                command.env_remove(key);
            }
        }
        command
            .env("BK_DATA_DIR", folder.data())
            .env("BK_HTTP_ADDR", "127.0.0.1:0")
            .env("BK_METRICS_ADDR", "127.0.0.1:0")
            .env("BK_SIMULATOR_ADDR", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .current_dir(folder.outer.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(Account { uid, gid }) = folder.account {
            command.uid(uid).gid(gid);
        }
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (say, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // Nobody listens any more at the end of a test; the pipe is still emptied.
                let _ = say.send(line);
            }
        });
        Self { child, block: std::cell::OnceCell::new(), lines }
    }

    /// The block that is printed last.
    pub fn banner(&self) -> &str {
        self.block.get_or_init(|| {
            let deadline = Instant::now() + PATIENCE;
            let mut seen = String::new();
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                let line = self
                    .lines
                    .recv_timeout(left)
                    .unwrap_or_else(|error| panic!("no block: {error}; so far:\n{seen}"));
                seen.push_str(&line);
                seen.push('\n');
                if line.contains("Control-C") {
                    return seen;
                }
            }
        })
    }

    /// The API's address, once `/readyz` says yes.
    pub fn until_ready(&self) -> String {
        let ready = block_on(self.browser().send(Call::get("/readyz")));
        assert_eq!(ready.outcome(), "200");
        self.addr()
    }

    /// A customer's browser without a session.
    fn browser(&self) -> Browser {
        let server = Tcp::new(&format!("http://{}", self.addr()));
        Browser::new(server, Surface::Client, "http://localhost:3000")
    }

    fn addr(&self) -> String {
        let line = self.banner().lines().find(|line| line.trim().starts_with("API")).unwrap();
        let url = line.split_whitespace().nth(1).unwrap();
        url.trim_start_matches("http://").trim_end_matches("/api/v1").to_owned()
    }

    /// Waits for something that the product brings about.
    pub fn until(&mut self, happened: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !happened() {
            assert!(self.child.try_wait().unwrap().is_none(), "the product ended");
            assert!(Instant::now() < deadline, "it does not happen");
            thread::yield_now();
        }
    }

    /// Logs a client in. Returns the value of the session's cookie.
    pub fn log_in(&self, email: &str, tenant: &str) -> String {
        let browser = self.browser();
        block_on(browser.log_in(tenant, email, "demo-kitchen-please-change"));
        browser.cookie(SESSION_COOKIE).unwrap()
    }

    /// The address of the user whose session the cookie names.
    pub fn who_am_i(&self, session: &str) -> Option<String> {
        let browser = self.browser().with_cookie(SESSION_COOKIE, session);
        let answer = block_on(browser.get("/client/auth/me"));
        answer.json()["user"]["email"].as_str().map(str::to_owned)
    }

    /// Control-C, and the end.
    pub fn interrupt(mut self) -> ExitStatus {
        signal(&self.child, "INT");
        self.wait()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for an end that comes by itself.
    pub fn until_it_ends(mut self) -> Ended {
        let code = self.wait().code();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { code, stderr }
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the product does not end");
            thread::yield_now();
        }
    }
}

impl Drop for Host {
    /// A failed test leaves nothing running: the product is asked to stop, and stops its database.
    fn drop(&mut self) {
        if self.child.try_wait().ok().flatten().is_none() {
            signal(&self.child, "TERM");
            let _ = self.child.wait();
        }
    }
}

/// A place that traces are sent to.
pub struct Collector {
    pub url: String,
    requests: mpsc::Receiver<(String, Vec<u8>)>,
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (say, requests) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                // The test may have ended.
                let _ = say.send(take_request(connection));
            }
        });
        Self { url, requests }
    }

    /// The first line and the body of the next request.
    pub fn next(&self) -> (String, Vec<u8>) {
        self.requests.recv_timeout(PATIENCE).unwrap()
    }
}

fn take_request(mut connection: TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_ascii_lowercase()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    connection.write_all(answer).unwrap();
    (head.swap_remove(0), body)
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
    assert!(status.unwrap().success());
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
