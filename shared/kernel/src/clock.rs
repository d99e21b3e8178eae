//! The product's clock. Use cases receive it; models receive an instant.
//!
//! A clock may run ahead of or behind the machine's by a fixed amount (development and tests move
//! it); production runs it at zero. Instants have microsecond precision, as Postgres stores them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A shared clock; clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's time.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that starts at `instant` and then runs at the machine's pace.
    #[must_use]
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        let clock = Self::default();
        clock.move_to(instant);
        clock
    }

    /// Now, in UTC, to the microsecond.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the product's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        let offset = TimeDelta::microseconds(self.offset_micros.load(Ordering::Acquire));
        (Utc::now() + offset).trunc_subsecs(6)
    }

    /// Sets this clock and all its clones to `instant`.
    #[expect(clippy::disallowed_methods, reason = "this is the product's clock")]
    pub fn move_to(&self, instant: DateTime<Utc>) {
        let offset = instant.signed_duration_since(Utc::now());
        self.offset_micros.store(offset.num_microseconds().unwrap_or(0), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_tell_the_same_time() {
        let clock = Clock::system();
        let twin = clock.clone();
        let noon = "2026-11-27T02:00:00Z".parse().unwrap();
        clock.move_to(noon);
        assert!(twin.now() >= noon);
        assert!(twin.now() < noon + TimeDelta::minutes(1));
    }
}
