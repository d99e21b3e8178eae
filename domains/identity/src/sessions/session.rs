//! The model of a session: which surface it opens, how long it lasts, why it ended. Pure; instants
//! come in.

use std::sync::Arc;

use bk_kernel::{Actor, ActorKind, SessionId, Surface, UserId, string_enum};
use chrono::{DateTime, TimeDelta, Utc};

use super::token::TokenHash;
use crate::users::UserKind;

/// The most active sessions of one user on one surface. A further login ends the oldest.
pub(crate) const MAX_ACTIVE_SESSIONS: usize = 5;

/// How old a stored `last_seen_at` gets before it is written again. The idle limit is exact to this
/// much, always on the strict side.
pub(crate) const SEEN_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// How long ended sessions are kept, for users who ask what happened.
pub(crate) const ENDED_SESSION_RETENTION: TimeDelta = TimeDelta::days(30);

string_enum! {
    /// The surface that a session opens, which decides how long it lasts.
    pub(crate) enum SessionSurface: "a session's surface" {
        /// The client surface, for customers.
        Client = "client",
        /// The admin surface, for a tenant's staff.
        Admin = "admin",
        /// The admin and platform surfaces, for operators. The admin cookie carries the session.
        Platform = "platform",
    }
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How long it lasts without being used.
    pub(crate) idle: TimeDelta,
    /// How long it lasts in any case.
    pub(crate) absolute: TimeDelta,
}

impl SessionSurface {
    /// The limits of sessions on this surface; no other place states them. Customers stay logged in
    /// on their own devices; staff share tablets in a kitchen; operators reach every tenant.
    /// NIST SP 800-63B-4 asks for no more than 1 h idle and 24 h in all at AAL2.
    pub(crate) const fn limits(self) -> Limits {
        match self {
            Self::Client => Limits { idle: TimeDelta::days(14), absolute: TimeDelta::days(90) },
            Self::Admin => Limits { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) },
            Self::Platform => {
                Limits { idle: TimeDelta::minutes(15), absolute: TimeDelta::hours(4) }
            }
        }
    }

    /// What a user of `kind` opens by logging in on `surface`; `is_platform` when the tenant is the
    /// operators'. None for a customer on the admin surface, for staff on the client surface, and on
    /// surfaces without a login.
    pub(crate) const fn for_login(
        surface: Surface,
        kind: UserKind,
        is_platform: bool,
    ) -> Option<Self> {
        match (surface, kind, is_platform) {
            (Surface::Client, UserKind::Client, _) => Some(Self::Client),
            (Surface::Admin, UserKind::Staff, false) => Some(Self::Admin),
            (Surface::Admin, UserKind::Staff, true) => Some(Self::Platform),
            _ => None,
        }
    }

    /// The surface whose cookie carries the session.
    pub(crate) const fn cookie_surface(self) -> Surface {
        match self {
            Self::Client => Surface::Client,
            Self::Admin | Self::Platform => Surface::Admin,
        }
    }

    /// The kind of actor that the session names.
    pub(crate) const fn actor_kind(self) -> ActorKind {
        match self {
            Self::Client => ActorKind::Client,
            Self::Admin => ActorKind::Staff,
            Self::Platform => ActorKind::Operator,
        }
    }

    /// The surface of an actor's session.
    pub(crate) const fn of_actor(kind: ActorKind) -> Self {
        match kind {
            ActorKind::Client => Self::Client,
            ActorKind::Staff => Self::Admin,
            ActorKind::Operator => Self::Platform,
        }
    }
}

string_enum! {
    /// Why a session ended before its time.
    pub(crate) enum EndReason: "the reason why a session ended" {
        /// Its user logged out, here or everywhere.
        Logout = "LOGOUT",
        /// Its user ended it from another device.
        Revoked = "REVOKED",
        /// The same browser logged in again.
        Rotated = "ROTATED",
        /// The user logged in more often than [`MAX_ACTIVE_SESSIONS`] allow.
        Displaced = "DISPLACED",
        /// The user was disabled.
        Disabled = "DISABLED",
    }
}

/// When a session ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadlines {
    /// When it was last used, exact to [`SEEN_INTERVAL`].
    pub(crate) last_seen_at: DateTime<Utc>,
    /// The end of its absolute limit.
    pub(crate) expires_at: DateTime<Utc>,
}

impl Deadlines {
    /// The deadlines of a session that begins now.
    pub(crate) fn starting(surface: SessionSurface, now: DateTime<Utc>) -> Self {
        Self { last_seen_at: now, expires_at: now + surface.limits().absolute }
    }

    /// Whether the session has reached one of its limits. Intervals are half-open: at the limit it
    /// has.
    pub(crate) fn have_passed(&self, surface: SessionSurface, now: DateTime<Utc>) -> bool {
        now >= self.expires_at || now >= self.last_seen_at + surface.limits().idle
    }

    /// Whether the stored `last_seen_at` is old enough to be written again.
    pub(crate) fn is_outdated(&self, now: DateTime<Utc>) -> bool {
        now - self.last_seen_at >= SEEN_INTERVAL
    }
}

/// A session about to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    /// The id it gets.
    pub(crate) id: SessionId,
    /// Whose session it is.
    pub(crate) user_id: UserId,
    /// The surface it opens.
    pub(crate) surface: SessionSurface,
    /// The SHA-256 of its token.
    pub(crate) token_hash: TokenHash,
    /// When it ends by itself.
    pub(crate) deadlines: Deadlines,
    /// When a second factor was presented, if one was.
    pub(crate) aal2_at: Option<DateTime<Utc>>,
    /// The address that logged in.
    pub(crate) ip: String,
    /// The browser that logged in.
    pub(crate) user_agent: Option<String>,
}

/// A session that was not ended, together with its active user.
#[derive(Debug, Clone)]
pub(crate) struct StoredSession {
    /// The session's id.
    pub(crate) id: SessionId,
    /// Whose session it is.
    pub(crate) user_id: UserId,
    /// The surface it opens.
    pub(crate) surface: SessionSurface,
    /// When it ends by itself.
    pub(crate) deadlines: Deadlines,
    /// When a second factor was last presented.
    pub(crate) aal2_at: Option<DateTime<Utc>>,
    /// The user's address.
    pub(crate) email: String,
    /// The user's name.
    pub(crate) display_name: String,
    /// Keys of the roles the user holds, sorted.
    pub(crate) roles: Vec<String>,
}

/// An active session with everything that requests ask of it, as the cache keeps it.
#[derive(Debug)]
pub(crate) struct CachedSession {
    /// The user, and what their roles permit.
    pub(crate) actor: Arc<Actor>,
    /// The surface it opens.
    pub(crate) surface: SessionSurface,
    /// When it ends by itself.
    pub(crate) deadlines: Deadlines,
    /// The user's address.
    pub(crate) email: String,
    /// The user's name.
    pub(crate) display_name: String,
    /// The slug of the tenant.
    pub(crate) tenant_slug: String,
    /// The name of the tenant.
    pub(crate) tenant_name: String,
}

/// An active session as its user's list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActiveSession {
    /// The session's id.
    pub(crate) id: SessionId,
    /// When it began.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub(crate) last_seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub(crate) expires_at: DateTime<Utc>,
    /// The address that logged in.
    pub(crate) ip: String,
    /// The browser that logged in.
    pub(crate) user_agent: Option<String>,
}

/// Which sessions of one user to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionFilter {
    /// All, on every surface.
    All,
    /// All on one surface.
    OnSurface(SessionSurface),
    /// One, if it is on this surface.
    One(SessionId, SessionSurface),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_over_at_its_limits() {
        let start: DateTime<Utc> = "2026-11-27T02:00:00Z".parse().unwrap();
        let deadlines = Deadlines::starting(SessionSurface::Admin, start);
        let idle_end = start + TimeDelta::minutes(30);
        let before = idle_end - TimeDelta::microseconds(1);
        assert!(!deadlines.have_passed(SessionSurface::Admin, before));
        assert!(deadlines.have_passed(SessionSurface::Admin, idle_end));
        let in_use = Deadlines { last_seen_at: start + TimeDelta::hours(12), ..deadlines };
        assert!(in_use.have_passed(SessionSurface::Admin, start + TimeDelta::hours(12)));
    }

    #[test]
    fn a_user_logs_in_on_the_surface_of_their_kind_only() {
        let of = SessionSurface::for_login;
        let client = of(Surface::Client, UserKind::Client, false);
        assert_eq!(client, Some(SessionSurface::Client));
        assert_eq!(of(Surface::Admin, UserKind::Client, false), None);
        assert_eq!(of(Surface::Client, UserKind::Staff, false), None);
        let operator = of(Surface::Admin, UserKind::Staff, true);
        assert_eq!(operator, Some(SessionSurface::Platform));
    }
}
