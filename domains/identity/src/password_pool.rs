//! Hashing and verifying passwords on threads of their own, a bounded number at a time.
//!
//! It knows nothing of users or sessions. A plain password exists only inside [`SecretString`]; what
//! is stored is a PHC string with its parameters in it, so that a login with outdated ones can renew
//! it. Hashing is costly on purpose: too many at once are refused, never queued without end.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory per hash. With [`ITERATIONS`] and [`LANES`] this is the second of the equally strong choices
/// of OWASP's Password Storage Cheat Sheet; it takes about 30 ms of one core.
const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;

/// The most hashes that wait for one core. More would wait longer than a browser does.
const MAX_QUEUED_PER_CORE: usize = 32;

/// What a password is compared with when there is no user, or one without a password, so that the
/// answer takes as long. It has the current parameters, and no password leads to it.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy1pdA$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A stored password: a hash with its parameters, as a PHC string. `Debug` does not print it.
#[derive(Clone)]
pub struct Phc(SecretString);

impl Phc {
    /// The hash that was stored as `text`.
    pub(crate) fn stored(text: String) -> Self {
        Self(text.into())
    }

    /// The PHC string, to be stored.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phc(…)")
    }
}

/// Too many passwords are being hashed at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being hashed")]
pub struct Busy;

impl Busy {
    /// After how many seconds to try again: long enough for a full queue to drain.
    pub(crate) const RETRY_AFTER_SECS: u64 = 2;
}

/// Whether a password is the stored one.
#[derive(Debug, Clone)]
pub(crate) enum Verification {
    /// It is.
    Match {
        /// The same password hashed with the current parameters, if the stored hash has older ones.
        renewed: Option<Phc>,
    },
    /// It is not, or there was nothing to compare it with.
    Mismatch,
}

/// Hashes and verifies a bounded number of passwords at a time. Clones share the bound.
#[derive(Debug, Clone)]
pub struct PasswordPool {
    cores: Arc<Semaphore>,
    queued: Arc<AtomicUsize>,
    max_queued: usize,
}

impl PasswordPool {
    /// A pool of half the machine's cores: logins must not starve everything else.
    #[must_use]
    pub fn of_this_machine() -> Self {
        let cores = thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2));
        Self::new(cores, cores * MAX_QUEUED_PER_CORE)
    }

    /// A pool that runs `cores` at once and lets `max_queued` wait.
    #[must_use]
    pub fn new(cores: usize, max_queued: usize) -> Self {
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            queued: Arc::new(AtomicUsize::new(0)),
            max_queued,
        }
    }

    /// Hashes a new password.
    ///
    /// Fails with [`Busy`] when too many passwords wait to be hashed.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<Phc, Busy> {
        let core = self.core().await?;
        run_on(core, move || hash(&password)).await
    }

    /// Compares a password with the stored one, or with a dummy hash, which takes as long.
    ///
    /// Fails with [`Busy`] when too many passwords wait to be hashed.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        stored: Option<Phc>,
    ) -> Result<Verification, Busy> {
        let core = self.core().await?;
        run_on(core, move || Ok(verify(&password, stored.as_ref()))).await
    }

    /// Waits for a core, if the queue is not full.
    async fn core(&self) -> Result<OwnedSemaphorePermit, Busy> {
        if let Ok(core) = Arc::clone(&self.cores).try_acquire_owned() {
            return Ok(core);
        }
        let _queued = Queued::enter(&self.queued, self.max_queued).ok_or_else(|| {
            metrics::counter!("identity_password_pool_refusals_total").increment(1);
            Busy
        })?;
        Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Busy)
    }
}

/// A caller in the queue, until it is served or goes away.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(queued: &'a AtomicUsize, max: usize) -> Option<Self> {
        let entered = queued
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < max).then_some(n + 1));
        entered.is_ok().then_some(Self(queued))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Runs `work` on a thread of its own. The core is free again when the work is done, not when the
/// caller goes away.
#[expect(
    clippy::disallowed_methods,
    reason = "hashing a password takes a core for tens of milliseconds; the pool bounds how many do"
)]
async fn run_on<T: Send + 'static>(
    core: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T, Busy> + Send + 'static,
) -> Result<T, Busy> {
    let done = tokio::task::spawn_blocking(move || {
        let outcome = work();
        drop(core);
        outcome
    });
    // It fails only while the process is shutting down.
    done.await.unwrap_or(Err(Busy))
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Fails only on a machine without randomness, where no password can be set.
fn hash(password: &SecretString) -> Result<Phc, Busy> {
    let hashed = hasher().hash_password(password.expose_secret().as_bytes()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Busy
    })?;
    Ok(Phc::stored(hashed.to_string()))
}

fn verify(password: &SecretString, stored: Option<&Phc>) -> Verification {
    let text = stored.map_or(DUMMY_HASH, Phc::expose);
    let Ok(parsed) = PasswordHash::new(text) else {
        tracing::error!("a stored password is not a PHC string");
        return Verification::Mismatch;
    };
    // The parameters are those of the string, not the hasher's.
    let matches = hasher().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
    if !matches || stored.is_none() {
        return Verification::Mismatch;
    }
    let renewed = if is_current(&parsed) { None } else { hash(password).ok() };
    Verification::Match { renewed }
}

fn is_current(stored: &PasswordHash) -> bool {
    stored.algorithm.as_str() == "argon2id"
        && Params::try_from(stored).is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, ITERATIONS, LANES)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_hash_verifies_its_password_only() {
        let pool = PasswordPool::new(1, 4);
        let phc = pool.hash(secret("a fine long password")).await.unwrap();
        assert!(phc.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let same = pool.verify(secret("a fine long password"), Some(phc.clone())).await.unwrap();
        assert!(matches!(same, Verification::Match { renewed: None }));
        let other = pool.verify(secret("another long password"), Some(phc)).await.unwrap();
        assert!(matches!(other, Verification::Mismatch));
    }

    #[tokio::test]
    async fn the_dummy_hash_is_well_formed_current_and_never_matched() {
        let parsed = PasswordHash::new(DUMMY_HASH).unwrap();
        assert!(is_current(&parsed));
        assert_eq!(parsed.hash.as_ref().map(|hash| hash.as_ref().len()), Some(32));
        let verification =
            PasswordPool::new(1, 4).verify(secret("anything at all"), None).await.unwrap();
        assert!(matches!(verification, Verification::Mismatch));
    }

    #[tokio::test]
    async fn outdated_parameters_are_renewed_when_the_password_matches() {
        let weak =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let old: PasswordHash = weak.hash_password(b"a fine long password").unwrap();
        let pool = PasswordPool::new(1, 4);
        let stored = Phc::stored(old.to_string());
        let verification = pool.verify(secret("a fine long password"), Some(stored)).await.unwrap();
        let Verification::Match { renewed: Some(renewed) } = verification else {
            panic!("expected a renewed hash")
        };
        assert!(is_current(&PasswordHash::new(renewed.expose()).unwrap()));
    }

    #[tokio::test]
    async fn the_pool_refuses_when_its_queue_is_full() {
        let pool = PasswordPool::new(1, 1);
        let running = pool.core().await.unwrap();
        let mut second = Box::pin(pool.core());
        assert!(poll_once(&mut second).is_none(), "the second waits");
        assert_eq!(pool.core().await.err(), Some(Busy), "the third is refused");
        drop(running);
        assert!(second.await.is_ok(), "the second is served");
        assert!(pool.core().await.is_ok(), "and its place is free again");
    }

    fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
