//! Hashing and verifying, away from the threads that serve requests and never more than the
//! machine can bear.

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

/// Memory per hash, KiB; iterations; lanes. OWASP Password Storage Cheat Sheet, second choice of
/// equal strength; about 30 ms of one core.
const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;

/// Hashes waiting for a core, at most, per core. More would wait longer than a browser does.
const WAITING_PER_CORE: usize = 32;

/// Verified when there is no user, or one without a password: the same work and the same answer. It
/// has the current parameters, and no password leads to it.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy1pdA$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A stored password: a PHC string. Never printed.
#[derive(Clone)]
pub struct Phc(SecretString);

impl Phc {
    /// Takes a stored string.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text.into())
    }

    /// The string to store.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phc(…)")
    }
}

/// Too many passwords are being checked at this moment: try again in [`Busy::RETRY_AFTER_SECS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Busy;

impl Busy {
    /// Long enough for a full queue to drain.
    pub const RETRY_AFTER_SECS: u64 = 2;
}

/// What became of a verification.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The password is the one; with a new hash to store when the old one had outdated parameters.
    Right {
        /// The same password hashed with the current parameters.
        renewed: Option<Phc>,
    },
    /// It is not, or there was nothing to compare with.
    Wrong,
}

/// Bounded hashing. Clones share the bound.
#[derive(Debug, Clone)]
pub struct PasswordPool {
    cores: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
}

impl PasswordPool {
    /// A pool of half the machine's cores: logins must not starve everything else.
    #[must_use]
    pub fn of_this_machine() -> Self {
        let cores = thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2));
        Self::new(cores, cores * WAITING_PER_CORE)
    }

    /// A pool that runs `cores` at once and lets `most_waiting` wait.
    #[must_use]
    pub fn new(cores: usize, most_waiting: usize) -> Self {
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(AtomicUsize::new(0)),
            most_waiting,
        }
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: SecretString) -> Result<Phc, Busy> {
        let turn = self.turn().await?;
        on_a_core(turn, move || hash(&password)).await
    }

    /// Compares a password with a stored one, or with nobody's, which takes as long.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<Phc>,
    ) -> Result<Verdict, Busy> {
        let turn = self.turn().await?;
        on_a_core(turn, move || Ok(verify(&password, stored.as_ref()))).await
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Busy> {
        if let Ok(turn) = Arc::clone(&self.cores).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = Place::take(&self.waiting, self.most_waiting).ok_or_else(|| {
            metrics::counter!("identity_password_pool_refusals_total").increment(1);
            Busy
        })?;
        Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Busy)
    }
}

/// A place in the queue; given back when the caller is served or goes away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let taken = waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < most).then_some(n + 1));
        taken.is_ok().then_some(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The turn goes with the work: a caller that leaves does not make room for one more.
async fn on_a_core<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T, Busy> + Send + 'static,
) -> Result<T, Busy> {
    let done = tokio::task::spawn_blocking(move || {
        let outcome = work();
        drop(turn);
        outcome
    });
    // It fails only while the process is shutting down.
    done.await.unwrap_or(Err(Busy))
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The only failure is a machine without randomness, on which nobody can set a password.
fn hash(password: &SecretString) -> Result<Phc, Busy> {
    let hashed = hasher().hash_password(password.expose_secret().as_bytes()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Busy
    })?;
    Ok(Phc::stored(hashed.to_string()))
}

fn verify(password: &SecretString, stored: Option<&Phc>) -> Verdict {
    let text = stored.map_or(NOBODYS, Phc::expose);
    let Ok(parsed) = PasswordHash::new(text) else {
        tracing::error!("a stored password is not a PHC string");
        return Verdict::Wrong;
    };
    // The parameters are those of the string, not the hasher's.
    let right = hasher().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
    if !right || stored.is_none() {
        return Verdict::Wrong;
    }
    let renewed = if is_current(&parsed) { None } else { hash(password).ok() };
    Verdict::Right { renewed }
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
        let right = pool.verify(secret("a fine long password"), Some(phc.clone())).await.unwrap();
        assert!(matches!(right, Verdict::Right { renewed: None }));
        let wrong = pool.verify(secret("another long password"), Some(phc)).await.unwrap();
        assert!(matches!(wrong, Verdict::Wrong));
    }

    #[tokio::test]
    async fn nobodys_hash_is_well_formed_current_and_never_right() {
        let parsed = PasswordHash::new(NOBODYS).unwrap();
        assert!(is_current(&parsed));
        assert_eq!(parsed.hash.as_ref().map(|hash| hash.as_ref().len()), Some(32));
        let verdict =
            PasswordPool::new(1, 4).verify(secret("anything at all"), None).await.unwrap();
        assert!(matches!(verdict, Verdict::Wrong));
    }

    #[tokio::test]
    async fn outdated_parameters_are_renewed_on_a_right_password() {
        let weak =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let old: PasswordHash = weak.hash_password(b"a fine long password").unwrap();
        let pool = PasswordPool::new(1, 4);
        let stored = Phc::stored(old.to_string());
        let verdict = pool.verify(secret("a fine long password"), Some(stored)).await.unwrap();
        let Verdict::Right { renewed: Some(renewed) } = verdict else {
            panic!("expected a renewed hash")
        };
        assert!(is_current(&PasswordHash::new(renewed.expose()).unwrap()));
    }

    #[tokio::test]
    async fn the_pool_refuses_when_its_queue_is_full() {
        let pool = PasswordPool::new(1, 1);
        let running = pool.turn().await.unwrap();
        let mut waiting = Box::pin(pool.turn());
        assert!(futures_poll(&mut waiting).is_none(), "the second waits");
        assert_eq!(pool.turn().await.err(), Some(Busy), "the third is refused");
        drop(running);
        assert!(waiting.await.is_ok(), "the second is served");
        assert!(pool.turn().await.is_ok(), "and its place is free again");
    }

    /// Polls once.
    fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
