//! A wire to Postgres that can be cut at the worst moment: after the server has committed and before
//! the client hears of it.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bk_persistence::{Database, DatabaseUrl, DbRole, PoolSettings};
use bk_testing::TestDb;
use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::{TcpListener, TcpStream, UnixStream},
};

/// The simple query `COMMIT` as the protocol writes it: tag, length, text, zero.
const COMMIT: &[u8] = b"Q\x00\x00\x00\x0bCOMMIT\x00";

/// The database as the API's role sees it through a wire that cuts the connection as soon as the
/// server has answered a `COMMIT`, and the number of commits that the server was sent.
pub async fn losing_commits(db: &TestDb) -> (Database, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let commits = Arc::new(AtomicUsize::new(0));
    let (counted, server) = (Arc::clone(&commits), db.url.clone());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(connect(client, server.clone(), Arc::clone(&counted)));
        }
    });
    let url = format!("postgres://me@127.0.0.1:{port}/{}?sslmode=disable", db.url.database());
    let url = DatabaseUrl::parse(&url).unwrap();
    let database = Database::connect(&url, DbRole::App, PoolSettings::of(DbRole::App)).await;
    (database.unwrap(), commits)
}

async fn connect(client: TcpStream, server: DatabaseUrl, commits: Arc<AtomicUsize>) {
    let options = PgConnectOptions::from_str(server.expose()).unwrap();
    if let Some(folder) = options.get_socket() {
        let path = folder.join(format!(".s.PGSQL.{}", options.get_port()));
        pass(client, UnixStream::connect(path).await.unwrap(), &commits).await;
    } else {
        let address = (options.get_host(), options.get_port());
        pass(client, TcpStream::connect(address).await.unwrap(), &commits).await;
    }
}

/// Passes everything on until one side ends or a commit was answered.
async fn pass(client: TcpStream, server: impl AsyncRead + AsyncWrite, commits: &AtomicUsize) {
    let (from_client, to_client) = split(client);
    let (from_server, to_server) = split(server);
    let committing = AtomicUsize::new(0);
    tokio::select! {
        () = requests(from_client, to_server, &committing) => {}
        () = answers(from_server, to_client, &committing) => {}
    }
    commits.fetch_add(committing.into_inner(), Ordering::SeqCst);
}

async fn requests(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    committing: &AtomicUsize,
) {
    let mut buffer = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..read];
        if bytes.windows(COMMIT.len()).any(|window| window == COMMIT) {
            committing.fetch_add(1, Ordering::SeqCst);
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

async fn answers(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    committing: &AtomicUsize,
) {
    let mut buffer = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        // What the server says after a commit is about the commit: it was asked nothing else.
        if committing.load(Ordering::SeqCst) > 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
