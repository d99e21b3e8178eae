//! Optimistic concurrency: a read answers with an `ETag`, an update repeats it in `If-Match`
//! (RFC 9110, sections 8.8.3 and 13.1.1).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use bk_kernel::Code;

use crate::Problem;

/// The version of a row, as a strong entity tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ETag(pub i64);

impl ETag {
    /// The quoted form that headers carry.
    #[must_use]
    pub fn header(self) -> String {
        format!("\"{}\"", self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        text.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok().map(Self)
    }
}

/// The version that the caller read, from `If-Match`. A request without it is refused with
/// `PRECONDITION_FAILED`: an update that does not say what it read could overwrite what it never saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub ETag);

impl IfMatch {
    /// Compares the version with that of the row now.
    ///
    /// Fails with [`Code::PreconditionFailed`] when the row was changed since it was read.
    pub fn check(self, current: i64) -> Result<(), Problem> {
        if self.0.0 == current { Ok(()) } else { Err(Problem::new(Code::PreconditionFailed)) }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tag = req
            .headers()
            .get(header::IF_MATCH)
            .and_then(|value| value.to_str().ok())
            .and_then(ETag::parse);
        ready(tag.map(Self).ok_or_else(|| {
            Problem::new(Code::PreconditionFailed)
                .detail("Send If-Match with the ETag that the read returned.")
        }))
    }
}
