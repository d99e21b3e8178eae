//! The model of a session: through which door, how long, why it ended. Pure; instants come in.

use std::str::FromStr;

use bk_kernel::{ActorKind, SessionId, Surface};
use chrono::{DateTime, TimeDelta, Utc};

use crate::users::UserKind;

/// Live sessions of one user through one door; a further login ends the oldest.
pub const MOST_LIVE: usize = 5;

/// `last_seen_at` is written at most this often, so the idle limit is exact to this much, always on
/// the strict side.
pub const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Ended sessions are kept this long, for the people who ask what happened.
pub const KEPT_AFTER_END: TimeDelta = TimeDelta::days(30);

/// What a session opens, and so how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// The client surface.
    Client,
    /// The admin surface, for a tenant's staff.
    Admin,
    /// The admin cookie of an operator.
    Platform,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Without being used.
    pub idle: TimeDelta,
    /// In any case.
    pub absolute: TimeDelta,
}

impl Door {
    /// The limits of sessions through this door: the one place that says them. Customers stay
    /// logged in on their own devices; staff share tablets in a kitchen; operators reach every
    /// tenant. NIST SP 800-63B-4 asks for no more than 1 h idle and 24 h in all at AAL2.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::Client => Limits { idle: TimeDelta::days(14), absolute: TimeDelta::days(90) },
            Self::Admin => Limits { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) },
            Self::Platform => {
                Limits { idle: TimeDelta::minutes(15), absolute: TimeDelta::hours(4) }
            }
        }
    }

    /// The door that a user of `kind` may take on `surface`; `platform` when the tenant is the
    /// operators'. None for a customer on the admin surface, staff on the client surface, and
    /// surfaces without a login.
    #[must_use]
    pub const fn of(surface: Surface, kind: UserKind, platform: bool) -> Option<Self> {
        match (surface, kind, platform) {
            (Surface::Client, UserKind::Client, _) => Some(Self::Client),
            (Surface::Admin, UserKind::Staff, false) => Some(Self::Admin),
            (Surface::Admin, UserKind::Staff, true) => Some(Self::Platform),
            _ => None,
        }
    }

    /// The surface whose cookie carries the session.
    #[must_use]
    pub const fn surface(self) -> Surface {
        match self {
            Self::Client => Surface::Client,
            Self::Admin | Self::Platform => Surface::Admin,
        }
    }

    /// The principal that enters.
    #[must_use]
    pub const fn actor_kind(self) -> ActorKind {
        match self {
            Self::Client => ActorKind::Client,
            Self::Admin => ActorKind::Staff,
            Self::Platform => ActorKind::Operator,
        }
    }

    /// The door an actor came through.
    #[must_use]
    pub const fn of_actor(kind: ActorKind) -> Self {
        match kind {
            ActorKind::Client => Self::Client,
            ActorKind::Staff => Self::Admin,
            ActorKind::Operator => Self::Platform,
        }
    }

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Admin => "admin",
            Self::Platform => "platform",
        }
    }
}

/// A stored door that the model does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unknown door")]
pub struct UnknownDoor;

impl FromStr for Door {
    type Err = UnknownDoor;

    fn from_str(text: &str) -> Result<Self, UnknownDoor> {
        [Self::Client, Self::Admin, Self::Platform]
            .into_iter()
            .find(|door| door.as_str() == text)
            .ok_or(UnknownDoor)
    }
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Its owner logged out, here or everywhere.
    Logout,
    /// Its owner ended it from another device.
    Revoked,
    /// The same browser logged in again.
    Rotated,
    /// A sixth login took its place.
    Displaced,
    /// The user was disabled or their roles changed.
    Disabled,
}

impl EndReason {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::Revoked => "REVOKED",
            Self::Rotated => "ROTATED",
            Self::Displaced => "DISPLACED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// When a session dies of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// When it was last used, as far as was noted.
    pub last_seen_at: DateTime<Utc>,
    /// The end of its absolute limit.
    pub expires_at: DateTime<Utc>,
}

impl Deadlines {
    /// Those of a session that begins now.
    #[must_use]
    pub fn starting(door: Door, now: DateTime<Utc>) -> Self {
        Self { last_seen_at: now, expires_at: now + door.limits().absolute }
    }

    /// Whether the session lives at `now`. Intervals are half-open: at the limit it is over.
    #[must_use]
    pub fn live(&self, door: Door, now: DateTime<Utc>) -> bool {
        now < self.expires_at && now < self.last_seen_at + door.limits().idle
    }
}

/// A session as its owner's list of devices shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The session.
    pub id: SessionId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
    /// From where it began.
    pub ip: String,
    /// With what.
    pub user_agent: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_over_at_its_limits() {
        let start: DateTime<Utc> = "2026-11-27T02:00:00Z".parse().unwrap();
        let deadlines = Deadlines::starting(Door::Admin, start);
        let idle_end = start + TimeDelta::minutes(30);
        assert!(deadlines.live(Door::Admin, idle_end - TimeDelta::microseconds(1)));
        assert!(!deadlines.live(Door::Admin, idle_end));
        let used = Deadlines { last_seen_at: start + TimeDelta::hours(12), ..deadlines };
        assert!(!used.live(Door::Admin, start + TimeDelta::hours(12)));
    }

    #[test]
    fn kinds_enter_through_their_own_door_only() {
        assert_eq!(Door::of(Surface::Client, UserKind::Client, false), Some(Door::Client));
        assert_eq!(Door::of(Surface::Admin, UserKind::Client, false), None);
        assert_eq!(Door::of(Surface::Client, UserKind::Staff, false), None);
        assert_eq!(Door::of(Surface::Admin, UserKind::Staff, true), Some(Door::Platform));
    }
}
