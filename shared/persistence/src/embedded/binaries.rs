//! Finds where PostgreSQL's programs are installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What a user is advised when there are none.
pub(super) const HOW_TO_INSTALL: &str = "\
PostgreSQL is not installed and no DATABASE_URL is set. Install it, one line:
  Debian, Ubuntu:  sudo apt-get install -y postgresql
  Fedora:          sudo dnf install -y postgresql-server
  Alpine:          sudo apk add postgresql
  macOS:           brew install postgresql@17
or build with the cargo feature download-postgres, which downloads it on first use,
or set PG_BIN_DIR to the folder of its programs (initdb, postgres, pg_ctl),
or set DATABASE_URL to a server, for example postgres://user:password@localhost:5432/balance_kitchen";

/// The folder that holds `initdb`, `postgres` and `pg_ctl`.
#[derive(Debug, Clone)]
pub(super) struct Binaries(PathBuf);

impl Binaries {
    /// `PG_BIN_DIR`, then `pg_config --bindir`, then `PATH`, then where packages put them, the
    /// newest version first.
    #[expect(clippy::disallowed_methods, reason = "programs are looked up in the environment")]
    pub(super) fn find() -> Option<Self> {
        let configured = env::var_os("PG_BIN_DIR").map(PathBuf::from);
        let by_pg_config = || {
            let output = Command::new("pg_config").arg("--bindir").output().ok()?;
            Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
        };
        let on_path =
            || env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>());
        configured
            .into_iter()
            .chain(by_pg_config())
            .chain(on_path().into_iter().flatten())
            .chain(packaged())
            .find(|folder| is_complete(folder))
            .map(Self)
    }

    /// The programs of this folder, if they are all there.
    #[cfg(feature = "download-postgres")]
    pub(super) fn in_folder(folder: &Path) -> Option<Self> {
        is_complete(folder).then(|| Self(folder.to_owned()))
    }

    /// The path of one of the programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
}

fn packaged() -> impl Iterator<Item = PathBuf> {
    [
        "/usr/lib/postgresql",
        "/usr/libexec/postgresql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/Applications/Postgres.app/Contents/Versions",
    ]
    .into_iter()
    .flat_map(|root| {
        let versions = fs::read_dir(root).into_iter().flatten().flatten();
        let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(version_of(folder)));
        folders
    })
}

/// The first number in a folder's name: `/usr/lib/postgresql/9/bin` comes after `…/17/bin`.
fn version_of(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let digits: String = name
        .chars()
        .skip_while(|letter| !letter.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        assert!(version_of(Path::new("/x/17/bin")) > version_of(Path::new("/x/9.6/bin")));
        assert_eq!(version_of(Path::new("/x/postgresql@16/bin")), 16);
    }

    #[test]
    fn the_message_without_binaries_names_a_line_for_each_platform() {
        for platform in ["Debian", "Fedora", "Alpine", "macOS", "DATABASE_URL"] {
            assert!(HOW_TO_INSTALL.contains(platform));
        }
    }
}
