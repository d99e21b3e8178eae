//! A vegetable or carbohydrate side, and the tiers that order components and plans.

use bk_kernel::ComponentId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The text names no kind, tier, category or status of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} is one of {choices}")]
pub struct UnknownName {
    /// What was being read.
    pub what: &'static str,
    /// What it may be.
    pub choices: &'static str,
}

/// Gives an enum of names its wire form, its parser and its display, from one list.
macro_rules! named {
    ($name:ident, $what:literal, $choices:literal, { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The wire and row form.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::catalogue::component::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::catalogue::component::UnknownName { what: $what, choices: $choices }),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named;

/// Which slot of a meal a component fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ComponentKind {
    /// The vegetable side.
    Vegetable,
    /// The carbohydrate side.
    Carbohydrate,
}

named!(ComponentKind, "a component kind", "VEGETABLE, CARBOHYDRATE", {
    Vegetable = "VEGETABLE",
    Carbohydrate = "CARBOHYDRATE",
});

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

/// A side as the kitchen offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Its id.
    pub id: ComponentId,
    /// What customers read.
    pub name: String,
    /// The slot it fills.
    pub kind: ComponentKind,
    /// The lowest account tier that may have it.
    pub tier: Tier,
}

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
