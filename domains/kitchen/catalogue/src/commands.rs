//! The shape of commands that create and change entries of the catalogue.

use crate::IngredientKey;

/// A new entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create<C> {
    /// Its key, which never changes.
    pub key: IngredientKey,
    /// Everything else.
    pub content: C,
}

/// A change of everything but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update<I, C> {
    /// Which entry.
    pub id: I,
    /// The version that was read; another one means that somebody changed it since.
    pub version: i64,
    /// The key, when the form repeats it: it must be the present one.
    pub key: Option<IngredientKey>,
    /// What it is to be.
    pub content: C,
}
