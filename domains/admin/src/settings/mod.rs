//! Settings of a tenant: the ordering schedule and the browser origins.
//!
//! Owns what a valid schedule and a valid origin are, and changing them. The values live in the
//! tenant's row, which the tenants slice reads and writes. Invariants: opening < closing <= cutoff
//! within the week that starts at the opening (product page, section 6); the currency cannot change;
//! whoever generates order weeks hears of every change of the schedule.

mod change_settings;
pub(crate) mod http;
mod origin;
mod schedule;

pub(crate) use change_settings::{
    ChangeSettings, ChangeSettingsError, OriginsChange, ScheduleChange, change_settings,
};
pub(crate) use origin::{Origin, OriginError};
pub(crate) use schedule::{Schedule, ScheduleError};
