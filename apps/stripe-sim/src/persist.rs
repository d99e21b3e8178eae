//! The state file: the whole state as JSON, replaced in one step so that a kill leaves the old or the new
//! file and never half of one.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::SimError;
use crate::sim::State;

const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Stored<'a> {
    format: u32,
    #[serde(flatten)]
    state: &'a State,
}

#[derive(Deserialize)]
struct Loaded {
    format: u32,
    #[serde(flatten)]
    state: State,
}

/// The stored state; nothing when there is no file yet.
pub(crate) fn load(path: &Path) -> Result<Option<State>, SimError> {
    let refuse = |reason: String| SimError::State { path: path.to_owned(), reason };
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(error.to_string())),
    };
    let loaded: Loaded =
        serde_json::from_slice(&text).map_err(|error| refuse(error.to_string()))?;
    if loaded.format != FORMAT {
        return Err(refuse(format!("format {} is not {FORMAT}", loaded.format)));
    }
    Ok(Some(loaded.state))
}

/// Replaces the state file.
pub(crate) fn store(path: &Path, state: &State) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    fs::write(&temporary, serde_json::to_vec(&Stored { format: FORMAT, state })?)?;
    fs::rename(&temporary, path)
}
