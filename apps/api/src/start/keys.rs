//! Keys that development makes for itself and keeps in the data directory; production is given its.

use std::{
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Why a key cannot be kept.
#[derive(Debug, Error)]
pub(crate) enum KeyError {
    /// The file cannot be read or written.
    #[error("the key file {path} cannot be used")]
    File {
        /// The path of the key file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file holds something other than a key.
    #[error(
        "the key file {0} does not hold 64 hexadecimal digits; remove it and a new one is made"
    )]
    Content(PathBuf),
}

/// The key in `folder/name`, 64 hexadecimal digits; made on first use, readable by its owner only.
pub(crate) fn load_or_create(folder: &Path, name: &str) -> Result<SecretString, KeyError> {
    let path = folder.join(name);
    let failed = |source| KeyError::File { path: path.clone(), source };
    let found = match fs::read_to_string(&path) {
        Ok(text) => text.trim().to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return make(folder, &path).map_err(failed);
        }
        Err(error) => return Err(failed(error)),
    };
    let key = SecretString::from(found);
    if bytes(&key).is_none() {
        return Err(KeyError::Content(path));
    }
    Ok(key)
}

/// The 32 bytes of a key of 64 hexadecimal digits.
pub(crate) fn bytes(key: &SecretString) -> Option<[u8; 32]> {
    let text = key.expose_secret();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Whole or not at all: a crash half-way leaves no key that is too short.
fn make(folder: &Path, path: &Path) -> io::Result<SecretString> {
    let bytes: [u8; 32] = rand::random();
    let text = bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let fresh = path.with_extension("new");
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = load_or_create(folder.path(), "secret.key").unwrap();
        let again = load_or_create(folder.path(), "secret.key").unwrap();
        assert_eq!(first.expose_secret(), again.expose_secret());
        assert!(bytes(&first).is_some());
        let mode = fs::metadata(folder.path().join("secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        fs::write(&path, "short").unwrap();
        assert!(matches!(load_or_create(folder.path(), "secret.key"), Err(KeyError::Content(_))));
        assert_eq!(fs::read_to_string(path).unwrap(), "short");
    }
}
