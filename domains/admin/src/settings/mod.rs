//! Settings of a tenant: the ordering schedule and the browser origins.
//!
//! Owns changing them; the values are the tenant's. Invariants: the currency cannot change; a change of
//! the schedule is published, so that the weeks to come follow it.

pub(crate) mod http;
mod update_settings;
