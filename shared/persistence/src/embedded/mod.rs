//! A local PostgreSQL server for people who have not configured one: installed binaries, a data
//! directory of ours, a Unix socket, no network.
//!
//! Any number of processes may start the same directory: one of them launches the server, the others
//! use it, and the last to leave stops it. Users are counted with a shared file lock, which the
//! kernel lets go of however a process ends; so a server whose last user was killed keeps running
//! only until the next start of the same directory, which takes it over. There is never more than
//! one server per directory, and what it acknowledged is on disk.
//!
//! It refuses to know databases, roles and schemas: see [`bootstrap`](crate::bootstrap).

mod binaries;
#[cfg(feature = "download-postgres")]
mod download;
mod place;
mod server;

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::{DatabaseUrl, DatabaseUrlError};
use binaries::Binaries;
use place::Place;
use server::Server;

/// A running server that this process uses. Dropping it is leaving it.
#[derive(Debug)]
pub struct Embedded {
    server: Server,
    place: Place,
    /// Holds the shared lock that counts this process as a user; none after leaving.
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

/// Why there is no server.
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
        /// What was attempted.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which.
        program: &'static str,
        /// The last lines it wrote.
        output: String,
    },
    /// The socket's path cannot be written as a URL.
    #[error("the socket's path is not usable")]
    Url(#[from] DatabaseUrlError),
}

impl Embedded {
    /// Starts the server of `directory`, or joins it when it is running. Creates what is missing.
    /// Blocks, for about a second the first time and a tenth later.
    pub fn start(directory: &Path) -> Result<Self, EmbeddedError> {
        Self::start_with(directory, Durability::Kept)
    }

    /// The same, for data of the given worth. All users of a directory must agree on it.
    pub fn start_with(directory: &Path, durability: Durability) -> Result<Self, EmbeddedError> {
        let installed = Binaries::find();
        if installed.is_none() && !cfg!(feature = "download-postgres") {
            return Err(EmbeddedError::NoBinaries);
        }
        let place = Place::prepare(directory)?;
        let turn = place.take_turn()?;
        #[cfg(feature = "download-postgres")]
        let installed = match installed {
            Some(installed) => Some(installed),
            None => Some(download::binaries(&place)?),
        };
        let binaries = installed.ok_or(EmbeddedError::NoBinaries)?;
        let server = Server::start(&binaries, &place, durability)?;
        let user = place.open("users")?;
        user.lock_shared().map_err(place.failure("cannot lock a file", "users"))?;
        drop(turn);
        Ok(Self { server, place, user: Some(user) })
    }

    /// Where database `name` is, as the superuser.
    pub fn url(&self, name: &str) -> Result<DatabaseUrl, EmbeddedError> {
        Ok(DatabaseUrl::parse(&self.place.url(name))?)
    }

    /// The folder that is really used: another than the wanted one when the account that the server
    /// runs as cannot reach that.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.place.root()
    }

    /// Leaves; the last user stops the server and waits for its end. Returns whether it stopped.
    pub fn stop(mut self) -> Result<bool, EmbeddedError> {
        self.leave()
    }

    fn leave(&mut self) -> Result<bool, EmbeddedError> {
        let Some(user) = self.user.take() else { return Ok(false) };
        // Nobody joins or leaves at the same time.
        let turn = self.place.take_turn()?;
        drop(user);
        let users = self.place.open("users")?;
        match users.try_lock() {
            Ok(()) => {
                self.server.stop(&self.place)?;
                self.place.tidy_up();
                drop(turn);
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => {
                Err(self.place.failure("cannot lock a file", "users")(error))
            }
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the embedded PostgreSQL server could not be left cleanly");
        }
    }
}
