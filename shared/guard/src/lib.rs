//! `BalanceGuard`: everything that happens to a request before and after its handler.
//!
//! A route cannot exist without a [`Policy`]: [`Routes::mount`] accepts only handlers that implement
//! [`Guarded`], the pipeline refuses any path that has no entry in the table so built, and the
//! OpenAPI document is generated from the same table. Handlers receive what the guard found out as
//! extractors ([`Ctx`], [`Caller`], [`Allowed`]) and answer with [`Problem`].

pub mod answers;
pub mod config;
pub mod context;
pub mod cookies;
pub mod csrf;
pub mod document;
pub mod etag;
pub mod extract;
mod guard;
mod idempotency_keys;
pub mod limits;
mod list;
mod matcher;
pub mod origin;
pub mod policy;
pub mod problem;
pub mod registration;
mod request_state;
pub mod routes;
mod stages;
mod word;

pub use answers::{BareResponse, Created, NoContent, Page, Versioned, WithCookies};
pub use config::GuardConfig;
pub use context::{Allowed, Caller, Ctx, RequestContext, Session};
pub use cookies::Cookies;
pub use csrf::CsrfKey;
pub use document::{DocumentInfo, document, document_json, grammar_defects, policy_table};
pub use etag::{ETag, IfMatch};
pub use extract::{Json, Path, Query, RawBody};
pub use guard::{Guard, RouteDefects};
pub use idempotency_keys::prune_idempotency_keys;
pub use limits::{MemoryStore, RateLimits, RateStore, RedisStore};
pub use list::{ListQuery, NoFilter, PageQuery, ShortListQuery};
pub use origin::Origins;
pub use policy::{Access, Assurance, Policy, RateClass};
pub use problem::{Problem, ProblemBody, ProblemBody as ProblemDto};
pub use registration::{Domain, Registration};
pub use routes::{Guarded, RouteEntry, RouteTable, Routes};
pub use word::Word;
