//! A vegetable or carbohydrate side.

use bk_kernel::ComponentId;
use bk_kitchen_core::Tier;
use serde::{Deserialize, Serialize};

bk_kernel::string_enum! {
    /// Which slot of a meal a component fills.
    pub enum SideKind: "a component kind" {
        /// The vegetable side.
        Vegetable = "VEGETABLE",
        /// The carbohydrate side.
        Carbohydrate = "CARBOHYDRATE",
    }
}

/// A side as the kitchen offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The id of the side.
    pub id: ComponentId,
    /// What customers read.
    pub name: String,
    /// The slot it fills.
    pub kind: SideKind,
    /// The lowest account tier that may have it.
    pub tier: Tier,
}
