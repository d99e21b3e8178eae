//! Stand-ins for the ports of `bk-contracts`, one each. They remember what they were asked, need no
//! other domain, and are cheap to clone: clones share what they know.

mod accounts;
mod checkout;
mod mail;
mod roles;
mod sessions;
mod tenants;
mod users;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use self::{
    accounts::FakeAccounts,
    checkout::FakeCheckout,
    mail::FakeMailer,
    roles::FakeRoles,
    sessions::FakeSessions,
    tenants::{FakeTenants, tenant_settings},
    users::FakeUsers,
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
