//! Computes a fingerprint of everything the schema comes from, so that a test database template
//! built from other migrations is never taken for this one's.

use std::{fmt::Write, fs, io, path::Path};

use sha2::{Digest, Sha256};

/// What shapes the schema: the migrations, and what they and the bootstrap are written with.
const SOURCES: [&str; 5] = [
    "src",
    "sql",
    "../shared/persistence/src/migration.sql",
    "../shared/persistence/src/bootstrap.rs",
    "../shared/persistence/src/jobs/tables.rs",
];

fn main() -> io::Result<()> {
    let mut digest = Sha256::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        add(Path::new(source), &mut digest)?;
    }
    // The queue's crate brings its own migrations.
    let lock = "../Cargo.lock";
    println!("cargo:rerun-if-changed={lock}");
    let versions = fs::read_to_string(lock).unwrap_or_default();
    let queue = versions
        .split("[[package]]")
        .find(|package| package.contains("name = \"graphile_worker_migrations\""));
    digest.update(queue.unwrap_or_default());

    let mut fingerprint = String::new();
    for byte in digest.finalize().iter().take(8) {
        let _ = write!(fingerprint, "{byte:02x}");
    }
    println!("cargo:rustc-env=BK_SCHEMA_FINGERPRINT={fingerprint}");
    Ok(())
}

fn add(path: &Path, digest: &mut Sha256) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        for entry in entries {
            add(&entry, digest)?;
        }
    } else if path.is_file() {
        digest.update(path.to_string_lossy().as_bytes());
        digest.update(fs::read(path)?);
    }
    Ok(())
}
