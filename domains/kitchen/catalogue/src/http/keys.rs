//! The key field of forms, which ingredients, sub-recipes, dishes and sides have.

use bk_guard::Problem;
use validator::ValidationError;

use crate::{IngredientKey, ingredient_key::KeyError};

/// Validates a key as it is stored.
pub fn key(text: &str) -> Result<(), ValidationError> {
    text.parse::<IngredientKey>()
        .map(drop)
        .map_err(|error| ValidationError::new("format").with_message(error.to_string().into()))
}

/// The given key, or the one that the name makes. Fails with a problem at `/key` when neither is one.
pub fn key_of(key: Option<String>, name: &str) -> Result<IngredientKey, Problem> {
    match key {
        Some(text) => text
            .parse()
            .map_err(|error: KeyError| Problem::field("/key", "format", error.to_string())),
        None => IngredientKey::normalise(name).map_err(|error| {
            let message = format!("{error}; give a key, because this name makes none");
            Problem::field("/key", "required", message)
        }),
    }
}

/// The key that the form of a change repeats, if it does.
pub fn repeated(key: Option<&str>) -> Result<Option<IngredientKey>, Problem> {
    key.map(|text| {
        text.parse().map_err(|error: KeyError| Problem::field("/key", "format", error.to_string()))
    })
    .transpose()
}
