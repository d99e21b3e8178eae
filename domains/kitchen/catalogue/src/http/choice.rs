//! Words of the model on the wire: the document lists them from the model's own lists.

use serde::{Deserialize, Serialize};

use crate::catalogue::{
    Allergen, ComponentKind, DishCategory, DishStatus, Tier, Unit,
    book::ComponentStatus,
    ingredient::AllergenStateName,
    offer::{AccountManagerLevel, BillingInterval},
};

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident = $model:ty, $title:literal, $example:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub(crate) $model);

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some(<$model>::ALL.iter().map(|value| value.as_str())))
                    .examples([serde_json::json!($example)])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($title)
            }
        }

        impl From<$model> for $name {
            fn from(value: $model) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $model {
            fn from(choice: $name) -> Self {
                choice.0
            }
        }
    )+};
}

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
    /// A service level.
    TierChoice = Tier, "Tier", "BASE";
    /// How often a plan is paid.
    BillingIntervalChoice = BillingInterval, "BillingInterval", "WEEK";
    /// What an account manager does for an account.
    AccountManagerLevelChoice = AccountManagerLevel, "AccountManagerLevel", "PARTIAL";
}
