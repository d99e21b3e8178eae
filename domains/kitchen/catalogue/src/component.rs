//! A vegetable or carbohydrate side.

use bk_kernel::ComponentId;
use bk_kitchen_core::{Tier, named};
use serde::{Deserialize, Serialize};

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
