//! The state file: the whole state as JSON. It is replaced atomically, so a process that is killed leaves either
//! the old file or the new one.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::app_state::State;
use crate::config::SimError;

/// Version of the format, stored in the file.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct StateFile<S> {
    format: u32,
    #[serde(flatten)]
    state: S,
}

/// Loads the state; `None` when there is no file yet.
///
/// Fails with [`SimError::State`] when the file cannot be read, is not a state file or has another format.
pub(crate) fn load(path: &Path) -> Result<Option<State>, SimError> {
    let unusable = |reason: String| SimError::State { path: path.to_owned(), reason };
    let json = match fs::read(path) {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error.to_string())),
    };
    let loaded: StateFile<State> =
        serde_json::from_slice(&json).map_err(|error| unusable(error.to_string()))?;
    if loaded.format != FORMAT {
        return Err(unusable(format!("format {} is not {FORMAT}", loaded.format)));
    }
    Ok(Some(loaded.state))
}

/// Replaces the state file, and creates its directory when that is missing.
pub(crate) fn store(path: &Path, state: &State) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    fs::write(&temporary, serde_json::to_vec(&StateFile { format: FORMAT, state })?)?;
    fs::rename(&temporary, path)
}
