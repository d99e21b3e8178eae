//! The server that test databases live on: the one `TEST_DATABASE_URL` names, or an embedded one
//! that all test processes share and the last one stops.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bk_persistence::{
    DatabaseUrl,
    embedded::{Durability, Embedded},
};

use crate::fail;

/// The database to connect to when it does not matter which.
const MAINTENANCE: &str = "postgres";

/// A server in use by this process.
#[derive(Clone)]
pub(crate) struct Server {
    /// The superuser's URL of the maintenance database.
    pub(crate) admin: DatabaseUrl,
    /// Keeps the embedded server running.
    _embedded: Option<Arc<Embedded>>,
}

impl Server {
    /// Finds or starts the server. Blocks.
    #[expect(clippy::disallowed_methods, reason = "tests are configured by the environment")]
    pub(crate) fn get() -> Self {
        if let Ok(url) = env::var("TEST_DATABASE_URL") {
            let admin = DatabaseUrl::parse(&url)
                .unwrap_or_else(|error| fail(&format!("TEST_DATABASE_URL is wrong: {error}")));
            return Self { admin, _embedded: None };
        }
        let embedded = shared();
        let admin = embedded.url(MAINTENANCE).unwrap_or_else(|error| fail(&error.to_string()));
        Self { admin, _embedded: Some(embedded) }
    }
}

/// One per process, for as long as some test of it needs one.
fn shared() -> Arc<Embedded> {
    static RUNNING: Mutex<Weak<Embedded>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.upgrade().unwrap_or_else(|| {
        let started = Embedded::start_with(&directory(), Durability::Disposable)
            .unwrap_or_else(|error| fail(&error.to_string()));
        let started = Arc::new(started);
        *running = Arc::downgrade(&started);
        started
    })
}

/// Below the build's own folder, so that it is shared by all test binaries and ignored by git.
#[expect(clippy::disallowed_methods, reason = "tests are configured by the environment")]
fn directory() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    target.join("bk-test-pg")
}
