//! Sessions: logging in and out, finding the session of a token, listing one's own sessions.
//!
//! A session is one login of one user. Its token is known to the browser only; stored is its
//! SHA-256. Invariants: a token opens the surface it was issued for and no other; a user has at most
//! [`MAX_ACTIVE_SESSIONS`](session::MAX_ACTIVE_SESSIONS) active sessions on a surface; an ended or
//! expired session never becomes active again; every refused login looks the same and takes as long.
//!
//! It knows nothing of cookies outside its `http` folder, and does not decide what roles permit.

mod authenticate;
mod cache;
mod end_sessions;
mod entity;
pub(crate) mod http;
mod list_sessions;
mod log_in;
mod prune_sessions;
mod session;
mod store;
mod throttle;
mod token;

pub(crate) use authenticate::{authenticate, find_cached};
pub(crate) use cache::{
    ChangedSessions, SESSION_CACHE, SessionCache, forget, invalidations, publish_tenant_change,
};
pub(crate) use end_sessions::{
    end_all_sessions, end_session, end_sessions_of, refresh_sessions_of,
};
pub(crate) use list_sessions::list_sessions;
pub(crate) use log_in::{Login, LoginError, log_in};
pub(crate) use prune_sessions::prune_sessions;
pub(crate) use session::{ActiveSession, CachedSession, EndReason};
pub(crate) use token::SessionToken;
