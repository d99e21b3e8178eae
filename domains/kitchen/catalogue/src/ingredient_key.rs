//! The normalised key of an ingredient: what makes two spellings one ingredient
//! (docs/product.md, section 5).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a name gives no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Nothing is left after normalising.
    #[error("a name needs at least one letter or digit")]
    Empty,
    /// More than [`IngredientKey::MAX_CHARS`] characters are left.
    #[error("a key has at most {} characters", IngredientKey::MAX_CHARS)]
    TooLong,
    /// The text is not a key yet: it has characters that normalising would change.
    #[error("a key has only a-z, 0-9, '_' and '-'")]
    NotNormalised,
}

/// 1 to 50 characters of `[a-z0-9_-]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IngredientKey(String);

impl IngredientKey {
    /// The longest key, in characters (all of them ASCII, so also in bytes).
    pub const MAX_CHARS: usize = 50;

    /// Makes the key of a display name: trimmed, lower case, each run of white space one `_`, Latin
    /// accents folded (`crème` and `creme` are one ingredient), every other character dropped.
    /// A name whose key would be too long is refused, not cut: two long names must not become one.
    pub fn normalise(name: &str) -> Result<Self, KeyError> {
        let mut key = String::with_capacity(name.len());
        for word in name.split_whitespace() {
            let clean: String = word
                .chars()
                .flat_map(char::to_lowercase)
                .map(fold)
                .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
                .collect();
            if clean.is_empty() {
                continue;
            }
            if !key.is_empty() {
                key.push('_');
            }
            key.push_str(&clean);
        }
        key.parse()
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The base letter of the accented Latin letters that food names use.
fn fold(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ś' | 'š' | 'ş' => 's',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

impl FromStr for IngredientKey {
    type Err = KeyError;

    /// Reads a key that is already normalised; refuses anything else.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.chars().any(|c| c.is_ascii_alphanumeric()) {
            return Err(KeyError::Empty);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(KeyError::TooLong);
        }
        let allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::NotNormalised)
        }
    }
}

impl TryFrom<String> for IngredientKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<IngredientKey> for String {
    fn from(key: IngredientKey) -> Self {
        key.0
    }
}

impl fmt::Display for IngredientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_ingredient_share_a_key() {
        for (name, key) in [
            ("  Olive  Oil ", "olive_oil"),
            ("Corn (canned)", "corn_canned"),
            ("crème fraîche", "creme_fraiche"),
            ("All-Purpose Flour", "all-purpose_flour"),
            ("SALT & PEPPER", "salt_pepper"),
        ] {
            assert_eq!(IngredientKey::normalise(name).unwrap().as_str(), key);
        }
    }

    #[test]
    fn a_key_holds_one_to_fifty_characters() {
        assert_eq!(IngredientKey::normalise(" ?? "), Err(KeyError::Empty));
        assert_eq!(IngredientKey::normalise("_ -"), Err(KeyError::Empty));
        assert!(IngredientKey::normalise(&"a".repeat(50)).is_ok());
        assert_eq!(IngredientKey::normalise(&"a".repeat(51)), Err(KeyError::TooLong));
        assert_eq!("Olive".parse::<IngredientKey>(), Err(KeyError::NotNormalised));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(name in "\\PC{0,70}") {
            if let Ok(key) = IngredientKey::normalise(&name) {
                prop_assert!(key.as_str().len() <= IngredientKey::MAX_CHARS);
                prop_assert_eq!(IngredientKey::normalise(key.as_str()), Ok(key.clone()));
            }
        }
    }
}
