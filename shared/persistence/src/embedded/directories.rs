//! The directories of one server: who owns them, and where they go when the account that the server
//! runs as cannot reach the wanted one.

use std::{
    fs::{self, File, OpenOptions},
    hash::{DefaultHasher, Hash, Hasher},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use url::form_urlencoded::byte_serialize;

use super::EmbeddedError;

/// A socket's path ends at 107 bytes (103 on macOS), its name `/.s.PGSQL.5432.lock` included.
const SOCKET_FOLDER_MAX_LEN: usize = 84;

/// The directories of a server, made and owned as it needs them.
#[derive(Debug)]
pub(super) struct ServerDirectories {
    /// The parent of the others; the locks and the log are in it.
    root: PathBuf,
    /// The server's data directory.
    pub(super) data: PathBuf,
    /// The directory of the server's socket.
    pub(super) socket: PathBuf,
    /// The account that the server runs as, when it is not our own.
    pub(super) account: Option<Account>,
    /// The user id of this process.
    uid: u32,
}

/// An account of the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl ServerDirectories {
    /// Makes `wanted`, or its stand-in, ready: 0700, owned by the server's account.
    pub(super) fn prepare(wanted: &Path) -> Result<Self, EmbeddedError> {
        let root = make_root(wanted)?;
        // This process owns what it makes.
        let uid = fs::metadata(&root).map_err(failure("cannot read a folder", &root))?.uid();
        let account = if uid == 0 { Some(unprivileged()?) } else { None };
        let root = match account {
            Some(account) if !traversable(&root, account) => {
                let stand_in = stand_in(&PathBuf::from("/var/lib/balance-kitchen"), &root);
                tracing::info!(wanted = %root.display(), used = %stand_in.display(),
                    "the database's account cannot reach the wanted folder");
                make_root(&stand_in)?
            }
            _ => root,
        };
        if account.is_some() {
            // The account must pass through; the locks inside stay ours.
            set_mode(&root, 0o711)?;
        }
        let run = root.join("run");
        let socket = if run.as_os_str().len() <= SOCKET_FOLDER_MAX_LEN {
            run
        } else {
            stand_in(&PathBuf::from("/tmp"), &root)
        };
        let directories = Self { data: root.join("data"), socket, root, account, uid };
        directories.own(&directories.socket)?;
        Ok(directories)
    }

    /// Makes a data directory with `fill`, all of it or nothing: a crash half-way leaves none.
    pub(super) fn make_data(
        &self,
        fill: impl FnOnce(&Path) -> Result<(), EmbeddedError>,
    ) -> Result<(), EmbeddedError> {
        let fresh = self.root.join("data.new");
        match fs::remove_dir_all(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failure("cannot remove a folder", "data.new")(error));
            }
            _ => {}
        }
        self.own(&fresh)?;
        fill(&fresh)?;
        fs::rename(&fresh, &self.data)
            .and_then(|()| File::open(&self.root)?.sync_all())
            .map_err(self.failure("cannot rename a folder", "data.new"))
    }

    /// Makes a folder that only the server's account enters.
    fn own(&self, folder: &Path) -> Result<(), EmbeddedError> {
        own(folder, self.account, self.uid)
    }

    /// Waits until no other process starts or stops this server. Dropping the file unlocks.
    pub(super) fn lock(&self) -> Result<File, EmbeddedError> {
        let lock = self.open("lock")?;
        lock.lock().map_err(self.failure("cannot lock a file", "lock"))?;
        Ok(lock)
    }

    /// Opens a file of ours, for appending.
    pub(super) fn open(&self, name: &str) -> Result<File, EmbeddedError> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.root.join(name))
            .map_err(self.failure("cannot open a file", name))
    }

    /// Removes what the server does not need while it is stopped, from folders of others.
    pub(super) fn tidy_up(&self) {
        if !self.socket.starts_with(&self.root) {
            // The next start makes it again.
            let _ = fs::remove_dir_all(&self.socket);
        }
    }

    /// The folder that holds the data, the locks and the log.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file beside the data.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The socket's URL of a database.
    pub(super) fn url(&self, database: &str) -> String {
        let host: String = byte_serialize(self.socket.as_os_str().as_encoded_bytes()).collect();
        // A space is `+` in forms and `%20` in URLs.
        let host = host.replace('+', "%20");
        format!("postgres://postgres@localhost/{database}?host={host}&sslmode=disable")
    }

    /// Makes an error of what the system said about a file of ours.
    pub(super) fn failure(
        &self,
        what: &'static str,
        name: &str,
    ) -> impl FnOnce(io::Error) -> EmbeddedError {
        failure(what, &self.root.join(name))
    }
}

fn failure(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError + use<> {
    let path = path.to_owned();
    move |source| EmbeddedError::File { what, path, source }
}

fn make_root(wanted: &Path) -> Result<PathBuf, EmbeddedError> {
    fs::create_dir_all(wanted).map_err(failure("cannot make a folder", wanted))?;
    fs::canonicalize(wanted).map_err(failure("cannot find a folder", wanted))
}

/// A folder elsewhere that always stands in for the same one.
fn stand_in(base: &Path, wanted: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    base.join(format!("bk-pg-{:016x}", hasher.finish()))
}

/// Makes a folder that only its owner enters, and refuses one that another account prepared.
fn own(folder: &Path, account: Option<Account>, our_uid: u32) -> Result<(), EmbeddedError> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failure("cannot make a folder", folder)(error)),
    }
    let found = fs::symlink_metadata(folder).map_err(failure("cannot read a folder", folder))?;
    let owner = account.map_or(our_uid, |account| account.uid);
    if !found.is_dir() || (found.uid() != our_uid && found.uid() != owner) {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        return Err(failure("another account owns the folder", folder)(denied));
    }
    set_mode(folder, 0o700)?;
    if let Some(Account { uid, gid }) = account {
        chown(folder, Some(uid), Some(gid))
            .map_err(failure("cannot hand over a folder", folder))?;
    }
    Ok(())
}

fn set_mode(folder: &Path, mode: u32) -> Result<(), EmbeddedError> {
    fs::set_permissions(folder, fs::Permissions::from_mode(mode))
        .map_err(failure("cannot protect a folder", folder))
}

/// PostgreSQL refuses to run as root: the account of its packages, else `nobody`.
fn unprivileged() -> Result<Account, EmbeddedError> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| users.lines().find_map(|line| account_in(line, name)))
        .ok_or(EmbeddedError::NoAccount)
}

/// Reads one line of `passwd(5)`: `name:password:uid:gid:…`.
fn account_in(line: &str, name: &str) -> Option<Account> {
    let mut fields = line.split(':');
    if fields.next()? != name {
        return None;
    }
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account { uid, gid })
}

/// Whether the account may pass through every folder above `root`.
fn traversable(root: &Path, account: Account) -> bool {
    root.ancestors().skip(1).all(|folder| {
        fs::metadata(folder).is_ok_and(|found| {
            let pass = if found.uid() == account.uid {
                0o100
            } else if found.gid() == account.gid {
                0o010
            } else {
                0o001
            };
            found.mode() & pass != 0
        })
    })
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn an_account_is_read_from_passwd() {
        let line = "postgres:x:105:111:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash";
        assert_eq!(account_in(line, "postgres"), Some(Account { uid: 105, gid: 111 }));
        assert_eq!(account_in(line, "nobody"), None);
    }

    #[test]
    fn a_private_folder_above_is_noticed() {
        let above = env::temp_dir().join(format!("bk-directories-{}", std::process::id()));
        let below = above.join("below");
        fs::create_dir_all(&below).unwrap();
        let other = Account { uid: 65_533, gid: 65_533 };
        set_mode(&above, 0o755).unwrap();
        assert!(traversable(&below, other));
        set_mode(&above, 0o700).unwrap();
        assert!(!traversable(&below, other));
        fs::remove_dir_all(above).unwrap();
    }

    #[test]
    fn the_stand_in_of_a_folder_never_changes() {
        let base = Path::new("/tmp");
        assert_eq!(stand_in(base, Path::new("/a")), stand_in(base, Path::new("/a")));
        assert_ne!(stand_in(base, Path::new("/a")), stand_in(base, Path::new("/b")));
    }
}
