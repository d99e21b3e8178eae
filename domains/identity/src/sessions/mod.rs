//! Sessions: logging in and out, who a token names, the list of devices.
//!
//! A session is one login of one user through one [`Door`]. Its token is known to the browser only;
//! here is its SHA-256. Invariants: a token opens the surface it was issued for and no other; at
//! most [`session::MOST_LIVE`] sessions of a user live per door; an ended or expired session never
//! lives again; every refusal of a login looks the same and takes as long.
//!
//! It knows nothing of cookies outside its `http` room, and does not decide what roles permit.

mod authenticate;
mod cache;
mod end_sessions;
pub(crate) mod entity;
pub(crate) mod http;
mod login;
mod prune;
mod session;
mod store;
mod throttle;
mod token;

pub(crate) use authenticate::{authenticate, known};
pub(crate) use cache::{Live, SessionCache};
pub(crate) use end_sessions::{
    Ended, TOPIC as SESSION_TOPIC, devices, end_all_of, end_all_own, end_one, forget_ended, heard,
    refresh_all_of,
};
pub(crate) use login::{LoggedIn, Login, LoginError, log_in};
pub(crate) use prune::prune;
pub use session::{
    Deadlines, Device, Door, EndReason, KEPT_AFTER_END, Limits, MOST_LIVE, SEEN_EVERY,
};
pub use token::SessionToken;
