//! The collection that holds all objects of one kind.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;

/// A Stripe object: it has an id and is rendered as JSON.
pub(crate) trait Resource {
    /// The object's name in Stripe's "No such …" messages.
    const NAME: &'static str;

    fn id(&self) -> &str;

    /// When the object was created, in Unix seconds.
    fn created(&self) -> i64;

    /// Renders the object as Stripe's API does. `public_base` is the address of the checkout pages.
    fn to_stripe(&self, public_base: &str) -> Value;
}

/// Objects of one kind in order of creation. Objects are never removed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Collection<T>(Vec<T>);

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Resource> Collection<T> {
    /// Adds a new object.
    pub(crate) fn insert(&mut self, object: T) {
        self.0.push(object);
    }

    /// Overwrites the stored object that has the same id.
    pub(crate) fn update(&mut self, object: T) {
        if let Some(stored) = self.get_mut(object.id()) {
            *stored = object;
        }
    }

    // Both search from the end: most requests are about recent objects.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.0.iter().rev().find(|object| object.id() == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.0.iter_mut().rev().find(|object| object.id() == id)
    }

    /// Returns the object that a request is about. Fails with status 404 when there is none, naming `param`.
    pub(crate) fn find(&self, id: &str, param: &str) -> Result<&T, ApiError> {
        self.get(id).ok_or_else(|| ApiError::not_found(T::NAME, id, param))
    }

    /// Returns the object that the parameter `param` refers to. Fails with status 400 when there is none.
    pub(crate) fn referenced(&self, id: &str, param: &str) -> Result<&T, ApiError> {
        self.get(id).ok_or_else(|| ApiError::unknown_reference(T::NAME, id, param))
    }

    /// Iterates from the oldest object to the newest.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter()
    }
}
