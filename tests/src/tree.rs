//! The files of the workspace, for the gates that read them.

use std::{fs, io, path::Path};

/// Folders with nothing of ours in them.
const NOT_OURS: &[&str] = &["target", "node_modules", "__pycache__"];
/// Hidden folders are other programs', except these.
const HIDDEN_BUT_OURS: &[&str] = &[".cargo", ".ci", ".config", ".github"];

/// A text file of the workspace.
#[derive(Debug, Clone)]
pub struct TextFile {
    /// Below the root, with forward slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// The folder that holds the workspace's `Cargo.toml`.
#[must_use]
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Every text file below `folder` of the workspace whose name ends in one of `endings` (all of them
/// when there are none), sorted by path.
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
            } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending)) {
                found.extend(read(&path)?);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The file, unless it is not text.
fn read(path: &Path) -> io::Result<Option<TextFile>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        // Written and removed by somebody else meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let below = path.strip_prefix(root()).unwrap_or(path);
    let name = below.to_string_lossy().replace('\\', "/");
    Ok(String::from_utf8(bytes).ok().map(|text| TextFile { path: name, text }))
}

/// Rust without its line comments and without what follows `#[cfg(test)]`, which by our order of
/// files is the end of the file.
#[must_use]
pub fn shipped_code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines: Vec<&str> =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    lines.join("\n")
}
