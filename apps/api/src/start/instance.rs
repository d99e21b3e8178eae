//! One process per role and data directory.
//!
//! The kernel lets go of the lock however the process ends, so nothing is left behind by a crash.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::config::Role;

/// Why the data directory cannot be used.
#[derive(Debug, Error)]
pub(crate) enum InstanceError {
    /// Another process uses it.
    #[error(
        "Balance Kitchen is already running on {0}; stop that one first, or set BK_DATA_DIR to another folder"
    )]
    Running(PathBuf),
    /// It cannot be created or written to.
    #[error("the data directory {path} cannot be used; BK_DATA_DIR names it")]
    Unusable {
        /// The path of the data directory.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The right to be this data directory's process; given back when dropped.
#[derive(Debug)]
pub(crate) struct Instance(#[expect(dead_code, reason = "held for their locks")] Vec<File>);

impl Instance {
    /// Makes the directory if need be, and claims the role in it.
    pub(crate) fn claim(folder: &Path, role: Role) -> Result<Self, InstanceError> {
        let unusable = |source| InstanceError::Unusable { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(unusable)?;
        let names: &[&str] = match role {
            Role::All => &["api.lock", "worker.lock"],
            Role::Api => &["api.lock"],
            Role::Worker => &["worker.lock"],
        };
        let mut held = Vec::new();
        for name in names {
            let mut open = OpenOptions::new();
            let file = open.create(true).append(true).open(folder.join(name)).map_err(unusable)?;
            match file.try_lock() {
                Ok(()) => held.push(file),
                Err(TryLockError::WouldBlock) => {
                    return Err(InstanceError::Running(folder.to_owned()));
                }
                Err(TryLockError::Error(source)) => return Err(unusable(source)),
            }
        }
        Ok(Self(held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_process_per_role() {
        let folder = tempfile::tempdir().unwrap();
        let api = Instance::claim(folder.path(), Role::Api).unwrap();
        let worker = Instance::claim(folder.path(), Role::Worker).unwrap();
        for role in [Role::Api, Role::Worker, Role::All] {
            let refusal = Instance::claim(folder.path(), role).unwrap_err();
            assert!(matches!(refusal, InstanceError::Running(_)), "{refusal}");
        }
        drop((api, worker));
        Instance::claim(folder.path(), Role::All).unwrap();
    }
}
