//! Words of the model on the wire: the document lists them from the model's own lists.

use bk_kitchen_core::choices;

use crate::{
    Allergen, ComponentKind, DishCategory, DishStatus, Unit, book::ComponentStatus,
    ingredient::AllergenStateName,
};

choices! {
    /// A unit of quantity.
    UnitChoice = Unit, "Unit", "g";
    /// A FSANZ allergen name.
    AllergenChoice = Allergen, "Allergen", "milk";
    /// What is known of an ingredient's allergens.
    AllergenStateChoice = AllergenStateName, "AllergenState", "CONFIRMED";
    /// What a dish is sold as.
    DishCategoryChoice = DishCategory, "DishCategory", "BALANCED";
    /// Whether a dish can be offered.
    DishStatusChoice = DishStatus, "DishStatus", "ACTIVE";
    /// The slot a side fills.
    ComponentKindChoice = ComponentKind, "ComponentKind", "VEGETABLE";
    /// Whether a side can be offered.
    ComponentStatusChoice = ComponentStatus, "ComponentStatus", "ACTIVE";
}
