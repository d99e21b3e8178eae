//! The demo kitchens: two tenants with recipes, packs, accounts, menus and a week that is cooked
//! already, read from the files in `data/` and seeded into an empty tenant.
//!
//! Invariants: seeding again changes nothing but to give coming weeks their menus; ids follow from
//! the tenant's slug, the kind of thing and its key. Everything that has rules (orders, the lock)
//! goes through its use case; only plain rows are written in bulk here. It knows nothing of logins:
//! people come in as ids.

mod accounts;
mod catalogue;
mod data;
mod ids;
mod menus;
mod past_week;
mod seed;
mod store;

pub use data::{DemoTenant, tenants};
pub use seed::{DemoError, DemoPeople, seed};
