//! A shelf keeps objects of one kind in the order they were made.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An object with an id and a Stripe shape.
pub(crate) trait Resource {
    /// What Stripe calls it in "No such …" messages.
    const NAME: &'static str;

    fn id(&self) -> &str;

    /// Unix seconds.
    fn created(&self) -> i64;

    /// The object as Stripe renders it. `base` is the address of the checkout pages.
    fn to_stripe(&self, base: &str) -> Value;
}

/// Objects of one kind, oldest first. Nothing is ever removed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Shelf<T>(Vec<T>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Resource> Shelf<T> {
    pub(crate) fn put(&mut self, object: T) {
        self.0.push(object);
    }

    // Newest first: what is looked up is nearly always recent, and a development account stays small.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.0.iter().rev().find(|object| object.id() == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.0.iter_mut().rev().find(|object| object.id() == id)
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter()
    }
}
