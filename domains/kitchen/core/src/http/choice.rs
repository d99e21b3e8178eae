//! Words of the model on the wire: the document lists them from the model's own lists.

use crate::Tier;

/// Gives words of the model a form on the wire with a schema.
#[macro_export]
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident = $model:ty, $title:literal, $example:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $model);

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
    /// A service level.
    TierChoice = Tier, "Tier", "BASE";
}
