//! What an account or a person does not eat, does not like, likes; and how a dish fares by it
//! (product page, section 5).
//!
//! Invariants: allergens and exclusions block; unknown composition is never safe; evaluation is
//! deterministic and explains itself. Rule contents are sensitive: no `Debug` or `Display` in this
//! slice prints them, only counts.

mod entity;
pub mod evaluate;
mod http;
pub mod rule;
mod store;

pub use evaluate::{Evaluation, Status, evaluate};
pub use http::routes;
pub use rule::{Rule, RuleError, RuleKind, RuleSet, RuleTarget};
pub use store::{create_default_profile, default_rules};
