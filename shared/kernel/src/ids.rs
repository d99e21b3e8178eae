//! Typed identifiers. Each wraps a UUID; new ones are version 7 (RFC 9562), so they sort by time of
//! creation. This is the one place that lists them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh, time-ordered id.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default id would be a different id each time")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The bare UUID, for rows and wire formats.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

typed_ids! {
    /// A kitchen business served by this deployment.
    TenantId,
    /// A person who can log in, in exactly one tenant.
    UserId,
    /// One login of one user on one surface.
    SessionId,
    /// An unaccepted or accepted invitation of a user.
    InvitationId,
    /// A role of a tenant.
    RoleId,
    /// The paying customer: household or team.
    AccountId,
    /// An ingredient of a tenant's kitchen.
    IngredientId,
    /// A dish of a tenant's kitchen.
    DishId,
    /// A vegetable or carbohydrate side.
    ComponentId,
    /// A recipe other recipes use: a sauce, a stock, a spice mix.
    RecipeId,
    /// The menu of one order week.
    MenuWeekId,
    /// A pack SKU.
    PackProductId,
    /// A bought pack of meals.
    PackId,
    /// One append-only change of a pack.
    PackEventId,
    /// A purchase on its way through the payment provider.
    PurchaseId,
    /// A subscription plan.
    PlanId,
    /// A weekly ordering window with its cutoff.
    OrderWeekId,
    /// One account's order for one week.
    OrderId,
    /// A layout preset: vegetable and carbohydrate sets with percentages.
    PresetId,
    /// A preference profile.
    ProfileId,
    /// A frozen production plan or one of its deltas.
    ProductionPlanId,
    /// An address of an account.
    AddressId,
    /// A request, from edge to row.
    RequestId,
}
