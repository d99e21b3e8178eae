//! What an account or a person does not eat, does not like, likes; and how a dish fares by it
//! (docs/product.md, section 5).
//!
//! Invariants: allergens and exclusions block; unknown composition is never safe; evaluation is
//! deterministic and explains itself. Rule contents are sensitive: no `Debug` or `Display` in this
//! slice prints them, only counts.

mod create_profile;
mod entity;
pub mod evaluate;
mod read_rules;
pub mod rule;
mod store;

pub use create_profile::create_default_profile;
pub use evaluate::{Evaluation, SuitabilityStatus, evaluate};
pub use read_rules::default_rules;
pub use rule::{Rule, RuleError, RuleKind, RuleSet, RuleTarget};
