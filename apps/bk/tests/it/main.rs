//! Tests of the commands as child processes, each with an embedded database of its own.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "a child must not inherit the settings of the tests"
)]

#[cfg(test)]
mod environment;
#[cfg(test)]
mod import;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod support;
