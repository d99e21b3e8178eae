//! The catalogue's words on the wire.

use bk_guard::Word;
use bk_kitchen_core::Tier;

use crate::{
    Allergen, DishCategory, DishStatus, SideKind, Unit, ingredient::AllergenState,
    snapshot::SideStatus,
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
pub(crate) type SideKindWord = Word<SideKind>;
/// Whether a side can be offered.
pub(crate) type SideStatusWord = Word<SideStatus>;
/// A service level.
pub(crate) type TierWord = Word<Tier>;
