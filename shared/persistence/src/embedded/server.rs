//! The server's process.

use std::{
    fs,
    os::unix::{net::UnixStream, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{Binaries, Durability, EmbeddedError, ServerDirectories};

/// A start takes a tenth of a second; after a crash it replays the log first.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Right after a `kill -9` the old server's children are still leaving, and a new one is refused.
const REFUSAL_RETRY_TIMEOUT: Duration = Duration::from_secs(10);

const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A running server, started by this process or found running.
#[derive(Debug)]
pub(super) struct Server {
    pg_ctl: PathBuf,
    /// When it is a child of this process: waits for its end at once, because a dead child that
    /// was not waited for looks alive to the next server.
    reaper: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the server, or finds it running. The caller holds the lock.
    pub(super) fn start(
        binaries: &Binaries,
        directories: &ServerDirectories,
        durability: Durability,
    ) -> Result<Self, EmbeddedError> {
        let pg_ctl = binaries.program("pg_ctl");
        if !directories.data.join("PG_VERSION").exists() {
            initialise(binaries, directories, durability)?;
        }
        if is_ready(directories) {
            return Ok(Self { pg_ctl, reaper: None });
        }
        let started = Instant::now();
        loop {
            match launch(binaries, directories, durability)? {
                Launched::Ready(mut child) => {
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "waits as long as the server runs"
                    )]
                    let reaper = thread::spawn(move || {
                        let _ = child.wait();
                    });
                    return Ok(Self { pg_ctl, reaper: Some(reaper) });
                }
                Launched::Refused(_) if started.elapsed() < REFUSAL_RETRY_TIMEOUT => {
                    thread::sleep(POLL_INTERVAL * 5);
                    if is_ready(directories) {
                        return Ok(Self { pg_ctl, reaper: None });
                    }
                }
                Launched::Refused(output) => {
                    return Err(EmbeddedError::Program { program: "postgres", output });
                }
            }
        }
    }

    /// Ends all connections, writes everything out, and waits for the end.
    pub(super) fn stop(&mut self, directories: &ServerDirectories) -> Result<(), EmbeddedError> {
        let mut stop = command(&self.pg_ctl, directories);
        stop.arg("stop").arg("-D").arg(&directories.data).args(["-m", "fast", "-w", "-t", "60"]);
        let done = run(stop, "pg_ctl");
        if let Some(reaper) = self.reaper.take()
            && done.is_ok()
        {
            let _ = reaper.join();
        }
        // It may have gone by itself; then there is nothing to stop.
        if is_ready(directories) { done } else { Ok(()) }
    }
}

enum Launched {
    Ready(Child),
    Refused(String),
}

fn initialise(
    binaries: &Binaries,
    directories: &ServerDirectories,
    durability: Durability,
) -> Result<(), EmbeddedError> {
    directories.make_data(|data| {
        let mut initdb = command(&binaries.program("initdb"), directories);
        initdb.arg("-D").arg(data);
        // Only its owner reaches the socket, so no password is asked for.
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        if durability == Durability::Disposable {
            initdb.arg("-N");
        }
        run(initdb, "initdb")
    })
}

fn launch(
    binaries: &Binaries,
    directories: &ServerDirectories,
    durability: Durability,
) -> Result<Launched, EmbeddedError> {
    let log = directories.open("postgres.log")?;
    let log_again =
        log.try_clone().map_err(directories.failure("cannot open a file", "postgres.log"))?;
    let mut postgres = command(&binaries.program("postgres"), directories);
    postgres.arg("-D").arg(&directories.data).arg("-k").arg(&directories.socket);
    postgres.args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"]);
    postgres.args(["-c", "max_connections=200", "-c", "shared_buffers=64MB"]);
    if durability == Durability::Disposable {
        for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] {
            postgres.args(["-c", setting]);
        }
    }
    // A group of its own: Control-C in the terminal stops the program, and that closes the server.
    postgres.stdout(log).stderr(log_again).process_group(0);
    let failed = |error: std::io::Error| EmbeddedError::Program {
        program: "postgres",
        output: error.to_string(),
    };
    let mut child = postgres.spawn().map_err(failed)?;
    let started = Instant::now();
    while !is_ready(directories) {
        if child.try_wait().map_err(failed)?.is_some() {
            return Ok(Launched::Refused(last_lines(directories)));
        }
        if started.elapsed() > START_TIMEOUT {
            let _ = child.kill();
            let _ = child.wait();
            return Ok(Launched::Refused(last_lines(directories)));
        }
        thread::sleep(POLL_INTERVAL);
    }
    Ok(Launched::Ready(child))
}

/// Whether line 8 of `postmaster.pid` says so and the socket accepts connections.
#[expect(clippy::disallowed_methods, reason = "a local socket accepts or refuses at once")]
fn is_ready(directories: &ServerDirectories) -> bool {
    let ready = fs::read_to_string(directories.data.join("postmaster.pid"))
        .is_ok_and(|file| file.lines().nth(7).is_some_and(|status| status.trim() == "ready"));
    ready && UnixStream::connect(directories.socket.join(".s.PGSQL.5432")).is_ok()
}

/// A program run as the server's account, without our environment's PostgreSQL settings.
#[expect(
    clippy::disallowed_methods,
    reason = "the server gets the environment without our PG settings"
)]
fn command(program: &std::path::Path, directories: &ServerDirectories) -> Command {
    let mut command = Command::new(program);
    if let Some(account) = directories.account {
        command.uid(account.uid).gid(account.gid);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C.UTF-8").current_dir("/").stdin(Stdio::null());
    command
}

fn run(mut command: Command, program: &'static str) -> Result<(), EmbeddedError> {
    let output = command
        .output()
        .map_err(|error| EmbeddedError::Program { program, output: error.to_string() })?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(EmbeddedError::Program { program, output })
}

fn last_lines(directories: &ServerDirectories) -> String {
    let log = fs::read_to_string(directories.file("postgres.log")).unwrap_or_default();
    let mut lines: Vec<_> = log.lines().rev().take(5).collect();
    lines.reverse();
    lines.join("\n")
}
