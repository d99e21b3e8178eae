//! The service levels that order sides, plans and accounts.

use serde::{Deserialize, Serialize};

use crate::named;

/// The service level of a component, a plan and an account's ingredients: `BASE < MID < HIGH`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Tier {
    /// What every account may have.
    #[default]
    Base,
    /// The middle tier.
    Mid,
    /// The highest tier.
    High,
}

named!(Tier, "a tier", "BASE, MID, HIGH", { Base = "BASE", Mid = "MID", High = "HIGH" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_ordered_from_base_to_high() {
        assert!(Tier::Base < Tier::Mid && Tier::Mid < Tier::High);
        for tier in Tier::ALL {
            assert_eq!(tier.as_str().parse(), Ok(*tier));
        }
        assert!("base".parse::<Tier>().is_err());
    }
}
