//! The embedded server: one per folder, used by many, stopped by the last, and it forgets nothing.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    str::FromStr,
    thread,
};

use bk_persistence::embedded::{Durability, Embedded};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

/// Tells the test binary, started again as a child, to be a host in this folder.
const HOST_IN: &str = "BK_TEST_HOST_IN";

/// A folder that the server's account can reach.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn start(folder: &Path) -> Embedded {
    Embedded::start(folder).unwrap()
}

fn with_connection<T>(server: &Embedded, work: impl AsyncFnOnce(&mut PgConnection) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = server.url("postgres").unwrap();
        let options = PgConnectOptions::from_str(url.expose()).unwrap();
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let done = work(&mut connection).await;
        connection.close().await.ok();
        done
    })
}

fn numbers(server: &Embedded) -> Vec<i32> {
    with_connection(server, async |connection| {
        sqlx::query_scalar("SELECT n FROM numbers ORDER BY n").fetch_all(connection).await.unwrap()
    })
}

fn server_pid(server: &Embedded) -> String {
    let file = fs::read_to_string(server.directory().join("data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().to_owned()
}

/// Writes numbers and prints each one after it was acknowledged, until killed.
fn be_a_host(folder: &Path) -> ! {
    let server = start(folder);
    with_connection(&server, async |connection| {
        sqlx::query("CREATE TABLE numbers (n int)").execute(&mut *connection).await.unwrap();
        for n in 0.. {
            let insert = sqlx::query("INSERT INTO numbers VALUES ($1)").bind(n);
            insert.execute(&mut *connection).await.unwrap();
            let mut out = std::io::stdout();
            writeln!(out, "\nacknowledged {n}").unwrap();
            out.flush().unwrap();
        }
    });
    unreachable!("a host writes until it is killed")
}

/// Starts this very test in a process of its own, as a host.
fn spawn_host(test: &str, folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(HOST_IN, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets the host acknowledge a while, kills it with SIGKILL, and returns the last it acknowledged.
fn kill_after(host: &mut Child, acknowledged: i32) -> i32 {
    let lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let acknowledged_numbers =
        lines.filter_map(|line| line.ok()?.strip_prefix("acknowledged ")?.parse().ok());
    let mut last = -1;
    for n in acknowledged_numbers {
        last = n;
        if n == acknowledged {
            // What it writes until it is dead is still read.
            host.kill().unwrap();
        }
    }
    host.wait().unwrap();
    last
}

#[test]
fn a_killed_host_loses_nothing_and_its_server_is_taken_over() {
    if let Some(folder) = env::var_os(HOST_IN) {
        be_a_host(Path::new(&folder));
    }
    let folder = folder();
    let name = "embedded::a_killed_host_loses_nothing_and_its_server_is_taken_over";
    let mut host = spawn_host(name, folder.path());
    let last = kill_after(&mut host, 50);
    assert!(last >= 50);

    let server = start(folder.path());
    let stored = numbers(&server);
    assert!(i32::try_from(stored.len()).unwrap() > last, "{} of {last} are left", stored.len());
    assert!(stored.iter().copied().eq(0..i32::try_from(stored.len()).unwrap()));
    assert!(server.stop().unwrap(), "the taken over server has no other user");
    assert!(!folder.path().join("data/postmaster.pid").exists());
}

#[test]
fn a_killed_server_comes_back_with_everything() {
    let folder = folder();
    let server = start(folder.path());
    with_connection(&server, async |connection| {
        let rows = "CREATE TABLE numbers (n int); INSERT INTO numbers VALUES (7)";
        sqlx::raw_sql(rows).execute(connection).await.unwrap();
    });
    let pid = server_pid(&server);
    assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    // At once, while the killed server's children are still leaving.
    let again = start(folder.path());
    assert_ne!(server_pid(&again), pid);
    assert_eq!(numbers(&again), [7]);
    assert!(!server.stop().unwrap());
    assert!(again.stop().unwrap());
}

#[test]
fn starters_at_once_share_one_server_and_the_last_stops_it() {
    let folder = folder();
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let folder = folder.path().to_owned();
            thread::spawn(move || start(&folder))
        })
        .collect();
    let servers: Vec<_> = starting.into_iter().map(|thread| thread.join().unwrap()).collect();
    let pid = server_pid(&servers[0]);
    let mut stopped = Vec::new();
    for server in servers {
        assert_eq!(server_pid(&server), pid);
        stopped.push(server.stop().unwrap());
    }
    assert_eq!(stopped, [false, false, false, true]);
}

#[test]
fn a_private_parent_and_a_long_path_are_no_obstacle() {
    let private = tempfile::tempdir().unwrap();
    fs::set_permissions(private.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let deep = private.path().join("a-very-long-name".repeat(8));
    let server = Embedded::start_with(&deep, Durability::Disposable).unwrap();
    let used = server.directory().to_owned();
    with_connection(&server, async |connection| connection.ping().await.unwrap());
    let data = fs::metadata(used.join("data")).unwrap();
    assert_eq!(data.permissions().mode() & 0o777, 0o700);
    assert!(server.stop().unwrap());
    fs::remove_dir_all(&used).unwrap();
    if !used.starts_with(private.path()) {
        // The stand-in's parent stays only if others are in it.
        let _ = fs::remove_dir(used.parent().unwrap());
    }
}

#[test]
fn a_socket_that_stood_in_for_a_long_path_is_tidied_up() {
    let folder = folder();
    let deep = folder.path().join("a-very-long-name".repeat(8));
    let server = Embedded::start_with(&deep, Durability::Disposable).unwrap();
    let options = PgConnectOptions::from_str(server.url("postgres").unwrap().expose()).unwrap();
    let socket = options.get_socket().unwrap().clone();
    assert!(socket.is_dir() && !socket.starts_with(server.directory()));
    assert!(server.stop().unwrap());
    assert!(!socket.exists());
}
