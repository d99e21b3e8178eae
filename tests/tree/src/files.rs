//! The text files of the workspace.

use std::{fs, io, path::Path};

/// Folders with nothing of ours in them.
const NOT_OURS: &[&str] = &["target", "node_modules", "__pycache__"];
/// Hidden folders are other programs', except these.
const HIDDEN_BUT_OURS: &[&str] = &[".cargo", ".ci", ".config", ".github"];

/// A text file of the workspace, or of a test that plants a breach.
#[derive(Debug, Clone)]
pub struct TextFile {
    /// Below the root, with forward slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl TextFile {
    /// A file that exists only in memory.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Whether the name ends in a dot and `ending`.
    #[must_use]
    pub fn is(&self, ending: &str) -> bool {
        self.name().rsplit_once('.').is_some_and(|(_, of)| of == ending)
    }

    /// The last part of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The folder that holds the workspace's `Cargo.toml`.
#[must_use]
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own)
}

/// Every text file below `folder` of the workspace whose name ends in one of `endings` (all of them
/// when there are none), sorted by path.
///
/// # Errors
/// Fails when a folder or a file cannot be read.
pub fn files(folder: &str, endings: &[&str]) -> io::Result<Vec<TextFile>> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if entry.file_type()?.is_dir() {
                let hidden = name.starts_with('.') && !HIDDEN_BUT_OURS.contains(&&*name);
                if !hidden && !NOT_OURS.contains(&&*name) {
                    folders.push(path);
                }
            } else if name == ".git" {
                // A worktree says there where its repository is.
            } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending)) {
                found.extend(read(&path)?);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Returns the file, unless it is not text or was removed meanwhile.
fn read(path: &Path) -> io::Result<Option<TextFile>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let below = path.strip_prefix(root()).unwrap_or(path);
    let name = below.to_string_lossy().replace('\\', "/");
    Ok(String::from_utf8(bytes).ok().map(|text| TextFile { path: name, text }))
}
