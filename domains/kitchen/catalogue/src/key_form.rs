//! The key field of forms, which several things of the kitchen have.

use bk_guard::Problem;
use validator::ValidationError;

use crate::{IngredientKey, ingredient_key::KeyError};

/// A key as it is stored.
pub fn key(text: &str) -> Result<(), ValidationError> {
    text.parse::<IngredientKey>()
        .map(drop)
        .map_err(|error| ValidationError::new("format").with_message(error.to_string().into()))
}

/// The given key, or the one the name makes.
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
