//! Enums of words on the wire: read, written and documented from the model's own list.

use std::{borrow::Cow, fmt, marker::PhantomData};

use bk_kernel::StringEnum;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// A value of a [`StringEnum`] in a body or a query: its word in JSON, and in the document a schema
/// with the enum's name and words.
///
/// `utoipa` wants schemas of all type arguments that it sees, and the model has none; so an HTTP module
/// gives the type a name once and uses that in its structs:
///
/// ```
/// use bk_guard::Word;
///
/// bk_kernel::string_enum! {
///     /// A service level.
///     pub enum Tier: "a tier" {
///         /// What every account may have.
///         Base = "BASE",
///     }
/// }
///
/// /// A service level.
/// type TierWord = Word<Tier>;
///
/// #[derive(serde::Serialize, utoipa::ToSchema)]
/// struct Account {
///     /// The service level of the account.
///     tier: TierWord,
/// }
///
/// let account = Account { tier: Tier::Base.into() };
/// assert_eq!(serde_json::to_string(&account).unwrap(), r#"{"tier":"BASE"}"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<T: StringEnum> From<T> for Word<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: StringEnum> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, T: StringEnum> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WordVisitor(PhantomData))
    }
}

struct WordVisitor<T>(PhantomData<fn() -> T>);

impl<T: StringEnum> Visitor<'_> for WordVisitor<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", T::WORDS.join(", "))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Word<T>, E> {
        let value = T::ALL.iter().copied().find(|value| value.word() == text);
        value.map(Word).ok_or_else(|| E::unknown_variant(text, T::WORDS))
    }
}

impl<T: StringEnum> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(T::WORDS.iter().copied()))
            .examples(T::WORDS.first().map(|word| json!(word)))
            .into()
    }
}

impl<T: StringEnum> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}
