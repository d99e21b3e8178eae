//! Pieces of forms that several things of the catalogue share.

use bk_guard::Problem;
use validator::ValidationError;

use crate::catalogue::{IngredientKey, ingredient_key::KeyError};

/// A key as it is stored.
pub(super) fn key(text: &str) -> Result<(), ValidationError> {
    text.parse::<IngredientKey>()
        .map(drop)
        .map_err(|error| ValidationError::new("format").with_message(error.to_string().into()))
}

/// One line that does not consist of white space.
pub(super) fn name(text: &str) -> Result<(), ValidationError> {
    crate::text::line(text)?;
    if text.trim().is_empty() {
        return Err(ValidationError::new("format").with_message("not only white space".into()));
    }
    Ok(())
}

/// The given key, or the one the name makes.
pub(super) fn key_of(key: Option<String>, name: &str) -> Result<IngredientKey, Problem> {
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
