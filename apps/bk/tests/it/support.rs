//! Runs `bk` in a directory of its own.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// The result of a command that has ended.
pub(crate) struct CommandResult {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `bk` with default settings in `directory`, which also holds its database.
pub(crate) fn bk(directory: &Path, arguments: &[&str]) -> CommandResult {
    bk_with(directory, arguments, &[])
}

/// Runs `bk` with the given environment variables; those of the test's own process are not inherited.
pub(crate) fn bk_with(
    directory: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> CommandResult {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bk"));
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("BK_") || name.starts_with("DATABASE_") {
            command.env_remove(key);
        }
    }
    command.args(arguments).env("BK_DATA_DIR", directory.join("data")).current_dir(directory);
    command.envs(settings.iter().copied()).stdin(Stdio::null());
    let output = command.output().unwrap();
    CommandResult {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Creates a directory that PostgreSQL's own user may enter.
pub(crate) fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}
