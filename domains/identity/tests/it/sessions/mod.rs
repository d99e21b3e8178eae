//! Sessions: logging in, how long a session lasts, the cache.

mod login;
mod session;
