//! `BalanceGuard`: everything that happens to a request before and after its handler.
//!
//! A route cannot exist without a [`Policy`]: [`Routes::mount`] accepts only handlers that implement
//! [`Guarded`], the pipeline refuses any path that has no entry in the table so built, and the
//! OpenAPI document is generated from the same table. Handlers receive what the guard found out as
//! extractors ([`Ctx`], [`Caller`], [`Allowed`]) and answer with [`Problem`].

pub mod context;
pub mod etag;
pub mod extract;
pub mod policy;
pub mod problem;
pub mod routes;

pub use context::{Allowed, Caller, Ctx};
pub use etag::{ETag, IfMatch, Versioned};
pub use extract::{Json, PageQuery, Path, Query};
pub use policy::{Access, Assurance, Policy, RateClass};
pub use problem::{Problem, ProblemDto};
pub use routes::{Guarded, RouteEntry, RouteTable, Routes};
