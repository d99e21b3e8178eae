//! The catalogue's words on the wire.

use bk_guard::Word;
use bk_kitchen_core::Tier;

use crate::{
    Allergen, ComponentKind, DishCategory, DishStatus, Unit, book::ComponentStatus,
    ingredient::AllergenState,
};

/// A unit of quantity.
pub(crate) type UnitWord = Word<Unit>;
/// A FSANZ allergen name.
pub(crate) type AllergenWord = Word<Allergen>;
/// What is known of an ingredient's allergens.
pub(crate) type AllergenStateWord = Word<AllergenState>;
/// What a dish is sold as.
pub(crate) type DishCategoryWord = Word<DishCategory>;
/// Whether a dish can be offered.
pub(crate) type DishStatusWord = Word<DishStatus>;
/// Which slot of a meal a side fills.
pub(crate) type SideKindWord = Word<ComponentKind>;
/// Whether a side can be offered.
pub(crate) type SideStatusWord = Word<ComponentStatus>;
/// A service level.
pub(crate) type TierWord = Word<Tier>;
