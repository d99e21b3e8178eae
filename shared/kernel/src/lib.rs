//! The vocabulary every crate shares: ids, money, time, actors, permissions, error codes, pages.
//!
//! No I/O happens here and no domain is named. A type belongs here only when at least two crates
//! must agree on it.

pub mod actor;
pub mod clock;
pub mod environment;
pub mod error;
pub mod ids;
pub mod money;
pub mod operation;
pub mod page;
pub mod permission;
pub mod schedule;
pub mod string_enum;

pub use actor::{Aal, Actor, ActorKind, SessionRef, Surface};
pub use clock::Clock;
pub use environment::Environment;
pub use error::{Code, FieldError};
pub use ids::*;
pub use money::{Currency, Money, MoneyError};
pub use operation::{Authorized, OperationContext, Principal};
pub use page::{Cursor, Limit, Page};
pub use permission::{PermissionDef, PermissionKey, PermissionSet, Permit};
pub use schedule::{ScheduleError, WallTime, WeeklySchedule};
pub use string_enum::{StringEnum, UnknownWord};

/// For the code that [`string_enum!`] writes.
#[doc(hidden)]
pub use serde;
