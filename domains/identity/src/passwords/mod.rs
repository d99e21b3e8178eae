//! Passwords: which are good enough, and how they are hashed and verified.
//!
//! It knows nothing of users or sessions. A plain password exists only inside
//! [`SecretString`](secrecy::SecretString); what is stored is a PHC string with its parameters in
//! it, so that a login with outdated ones can renew it. Hashing is costly on purpose, therefore it
//! happens on a bounded pool: too many at once are refused, never queued without end.

mod common;
mod policy;
mod pool;

pub use policy::{Flaw, MAX_CHARS, MIN_CHARS, judge};
pub use pool::{Busy, PasswordPool, Phc, Verdict};
