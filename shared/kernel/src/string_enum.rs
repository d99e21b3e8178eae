//! The one mechanism for enums that are stored and sent as words.

use thiserror::Error;

/// An enum whose values are words of rows and of the API. Declared with
/// [`string_enum!`](crate::string_enum!), which implements it.
pub trait StringEnum: Copy + Eq + Sized + Send + Sync + 'static {
    /// The enum's name, as the OpenAPI document calls its schema.
    const NAME: &'static str;
    /// Every value, in the order of declaration.
    const ALL: &'static [Self];
    /// Every word, in the same order.
    const WORDS: &'static [&'static str];

    /// The word of this value.
    fn word(self) -> &'static str;
}

/// A text that is none of the words of an enum. Does not repeat the text, which may be anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{what} is one of {}", .words.join(", "))]
pub struct UnknownWord {
    /// What was expected, with its article: `a tier`.
    pub what: &'static str,
    /// The words it may be.
    pub words: &'static [&'static str],
}

/// Declares an enum of words once: the enum with the usual derives, `ALL`, `as_str`, `FromStr`,
/// `Display`, `Serialize`, `Deserialize` and [`StringEnum`].
///
/// ```
/// bk_kernel::string_enum! {
///     /// The service level of an account.
///     #[derive(Default)]
///     pub enum Tier: "a tier" {
///         /// What every account may have.
///         #[default]
///         Base = "BASE",
///         /// The highest tier.
///         High = "HIGH",
///     }
/// }
/// assert_eq!(Tier::High.as_str(), "HIGH");
/// assert_eq!("BASE".parse(), Ok(Tier::Base));
/// assert_eq!("base".parse::<Tier>().unwrap_err().to_string(), "a tier is one of BASE, HIGH");
/// ```
#[macro_export]
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident: $what:literal {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            $visibility const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that rows and the API carry.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $crate::StringEnum for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = Self::ALL;
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownWord {
                        what: $what,
                        words: <Self as $crate::StringEnum>::WORDS,
                    }),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let text: ::std::borrow::Cow<'de, str> =
                    $crate::serde::Deserialize::deserialize(deserializer)?;
                text.parse().map_err(|_| {
                    $crate::serde::de::Error::unknown_variant(
                        &text,
                        <Self as $crate::StringEnum>::WORDS,
                    )
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::StringEnum;

    crate::string_enum! {
        /// A size of cup.
        enum Cup: "a cup" {
            /// Holds 200 ml.
            Small = "SMALL",
            /// Holds 400 ml.
            Large = "LARGE",
        }
    }

    #[test]
    fn every_value_is_read_back_from_its_word() {
        assert_eq!(Cup::ALL.len(), Cup::WORDS.len());
        for (cup, word) in Cup::ALL.iter().zip(Cup::WORDS) {
            assert_eq!((cup.as_str(), cup.to_string()), (*word, (*word).to_owned()));
            assert_eq!(word.parse(), Ok(*cup));
            let json = serde_json::to_string(cup).unwrap();
            assert_eq!(json, format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<Cup>(&json).unwrap(), *cup);
        }
        assert_eq!(Cup::NAME, "Cup");
    }

    #[test]
    fn another_word_is_refused_with_the_words_that_exist() {
        let refusal = "small".parse::<Cup>().unwrap_err();
        assert_eq!(refusal.to_string(), "a cup is one of SMALL, LARGE");
        let refusal = serde_json::from_str::<Cup>("\"small\"").unwrap_err().to_string();
        assert!(refusal.starts_with("unknown variant `small`, expected `SMALL` or `LARGE`"));
        assert!(serde_json::from_str::<Cup>("{}").is_err());
    }
}
