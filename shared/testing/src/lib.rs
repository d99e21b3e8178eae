//! What tests stand on. Nothing here is part of the product, and nothing here names a domain.
//!
//! | a test needs | it takes |
//! |---|---|
//! | a migrated database of its own | [`TestDb`] |
//! | a person who acts, with proof of a permission | [`people`] |
//! | another domain behind its port | [`fakes`] |
//! | a person with a browser | [`Browser`] over [`Tcp`], or [`InProcess`] |
//! | a clock to move | `bk_kernel::Clock::starting_at` |
//! | Redis | [`redis_url`] |
//!
//! # The tests of a crate
//!
//! Pure tests stand beside the model, in `#[cfg(test)] mod tests`. Tests with a database are one
//! binary with a module per slice, in the crate's folder `tests`; what they share is the fixture:
//!
//! ```text
//! it/main.rs       mod fixture; mod login; mod members; …
//! it/fixture.rs    the domain on a `TestDb`, with fakes around it
//! ```
//!
//! A fixture puts the crate under test on a [`TestDb`] and gives it fakes for everything else:
//!
//! ```
//! use bk_kernel::Clock;
//! use bk_testing::{TestDb, fakes::{FakeMailer, FakeRoles, FakeTenants}};
//!
//! struct Fixture {
//!     db: TestDb,
//!     clock: Clock,
//!     tenants: FakeTenants,
//!     mailer: FakeMailer,
//!     // and the domain: `Identity::new(IdentityDeps { tenants: Arc::new(tenants.clone()), … })`
//! }
//!
//! # async fn example() {
//! let db = TestDb::new().await;
//! let tenants = FakeTenants::default();
//! let greenfork = tenants.create(&db, "greenfork").await;
//! let roles = FakeRoles::new([("owner", &["members.read", "members.write"][..])]);
//! # }
//! ```
//!
//! Use cases are called with [`people::authorized`]; HTTP is called through a browser:
//!
//! ```
//! use actix_web::{App, test};
//! use bk_kernel::Surface;
//! use bk_testing::{Browser, InProcess};
//!
//! # async fn example() {
//! // With the domain's routes and `.wrap(guard)`.
//! let application = test::init_service(App::new()).await;
//! let ada = Browser::new(InProcess::new(application), Surface::Client, "https://app.greenfork.test");
//! ada.log_in("greenfork", "ada@greenfork.test", "a long walk to the kitchen").await;
//! assert_eq!(ada.get("/client/auth/me").await.outcome(), "200");
//! # }
//! ```
//!
//! A fixture names its domain, and so stands with the domain's tests and not here. A domain that is a
//! folder of crates has one, in the tests of its facade, which sees all of them.

pub mod client;
mod database;
pub mod fakes;
pub mod people;
mod server;
mod services;

pub use client::{Answer, Browser, Call, InProcess, Tcp, Transport};
pub use database::TestDb;
pub use services::redis_url;

/// Fails the test: it cannot go on.
#[expect(clippy::panic, reason = "the way a test fails")]
#[track_caller]
pub(crate) fn fail(why: &str) -> ! {
    panic!("{why}")
}
