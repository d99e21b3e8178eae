//! A local PostgreSQL server for people who have not configured one: installed binaries, a data
//! directory of ours, a Unix socket, no network.
//!
//! Any number of processes may start the same directory: one of them launches the server, the others
//! use it, and the last one to close it stops it. Users are counted with a shared file lock, which
//! the kernel releases however a process ends; so a server whose last user was killed keeps running
//! only until the next start of the same directory, which takes it over. There is never more than
//! one server per directory, and what it acknowledged is on disk. Why we launch the server ourselves
//! is in `docs/adr/0008-launcher-of-postgresql.md`.
//!
//! It refuses to know databases, roles and schemas: see [`bootstrap`](crate::bootstrap).

mod binaries;
mod directories;
#[cfg(feature = "download-postgres")]
mod download;
mod server;

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::{DatabaseUrl, DatabaseUrlError};
use binaries::Binaries;
use directories::ServerDirectories;
use server::Server;

/// A running server that this process uses. Dropping it closes it.
#[derive(Debug)]
pub struct Embedded {
    server: Server,
    directories: ServerDirectories,
    /// Holds the shared lock that counts this process as a user; absent after closing.
    user: Option<File>,
}

/// Whether acknowledged writes must survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Yes. The only sensible choice outside tests.
    Kept,
    /// No: everything in it is thrown away anyway. Twice as fast.
    Disposable,
}

/// Why [`Embedded::start`] or [`Embedded::stop`] failed.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// PostgreSQL is not installed here.
    #[error("{}", binaries::HOW_TO_INSTALL)]
    NoBinaries,
    /// The server may not run as root and there is no account to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as"
    )]
    NoAccount,
    /// A file or directory could not be made or used.
    #[error("{what} ({path})")]
    File {
        /// What was attempted, as the beginning of a message.
        what: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// The program's name.
        program: &'static str,
        /// The last lines that it wrote.
        output: String,
    },
    /// The socket's path cannot be written as a URL.
    #[error("the socket's path is not usable")]
    Url(#[from] DatabaseUrlError),
}

impl Embedded {
    /// Starts the server of `directory`, or uses the one that is running. Creates what is missing.
    /// Blocks, for about a second the first time and a tenth later.
    ///
    /// Fails with [`EmbeddedError::NoBinaries`] when PostgreSQL is not installed, with
    /// [`EmbeddedError::NoAccount`] for root on a system without an account for the server, and with
    /// what the operating system or the server said otherwise.
    pub fn start(directory: &Path) -> Result<Self, EmbeddedError> {
        Self::start_with(directory, Durability::Kept)
    }

    /// The same, for data of the given worth. All users of a directory must agree on it.
    pub fn start_with(directory: &Path, durability: Durability) -> Result<Self, EmbeddedError> {
        let installed = Binaries::find();
        if installed.is_none() && !cfg!(feature = "download-postgres") {
            return Err(EmbeddedError::NoBinaries);
        }
        let directories = ServerDirectories::prepare(directory)?;
        let lock = directories.lock()?;
        #[cfg(feature = "download-postgres")]
        let installed = match installed {
            Some(installed) => Some(installed),
            None => Some(download::binaries(&directories)?),
        };
        let binaries = installed.ok_or(EmbeddedError::NoBinaries)?;
        let server = Server::start(&binaries, &directories, durability)?;
        let user = directories.open("users")?;
        user.lock_shared().map_err(directories.failure("cannot lock a file", "users"))?;
        drop(lock);
        Ok(Self { server, directories, user: Some(user) })
    }

    /// Where database `name` is, as the superuser. Fails when the socket's path is no text.
    pub fn url(&self, name: &str) -> Result<DatabaseUrl, EmbeddedError> {
        Ok(DatabaseUrl::parse(&self.directories.url(name))?)
    }

    /// The folder that is really used: another than the wanted one when the account that the server
    /// runs as cannot reach that.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directories.root()
    }

    /// Closes the server; the last user stops it and waits for its end. Returns whether it stopped. Fails
    /// when the locks cannot be opened or the server does not end.
    pub fn stop(mut self) -> Result<bool, EmbeddedError> {
        self.close()
    }

    fn close(&mut self) -> Result<bool, EmbeddedError> {
        let Some(user) = self.user.take() else { return Ok(false) };
        // No process starts or closes it at the same time.
        let lock = self.directories.lock()?;
        drop(user);
        let users = self.directories.open("users")?;
        match users.try_lock() {
            Ok(()) => {
                self.server.stop(&self.directories)?;
                self.directories.tidy_up();
                drop(lock);
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => {
                Err(self.directories.failure("cannot lock a file", "users")(error))
            }
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the embedded PostgreSQL server could not be closed cleanly");
        }
    }
}
