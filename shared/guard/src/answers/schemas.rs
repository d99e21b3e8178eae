//! Schemas of answers. `utoipa` collects the schemas of bodies that attributes name, but not those of
//! response types; so a response type that is asked for its documentation leaves its schemas here, and
//! the mounting of the handler collects them. The document is made on one thread, handler by handler.

use std::cell::RefCell;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Content, Ref, RefOr, schema::Schema},
};

/// Schemas by name.
pub(crate) type Named = Vec<(String, RefOr<Schema>)>;

thread_local! {
    static MENTIONED: RefCell<Named> = const { RefCell::new(Vec::new()) };
}

/// Runs `make` and returns the schemas that answers mentioned meanwhile.
pub(crate) fn collect<T>(make: impl FnOnce() -> T) -> (T, Named) {
    MENTIONED.take();
    let value = make();
    (value, MENTIONED.take())
}

/// The content of an answer whose body is `T`.
pub(super) fn content<T: ToSchema>() -> Content {
    mention::<T>();
    Content::new(Some(Ref::from_schema_name(T::name())))
}

/// Leaves the schema of `T`, and of all it refers to, for [`collect`].
pub(super) fn mention<T: ToSchema>() {
    MENTIONED.with_borrow_mut(|mentioned| {
        T::schemas(mentioned);
        mentioned.push((T::name().into_owned(), T::schema()));
    });
}

/// The first sentence of the schema's description, without its full stop.
pub(super) fn about<T: PartialSchema>() -> String {
    let description = match T::schema() {
        RefOr::T(Schema::Object(object)) => object.description,
        RefOr::T(Schema::AllOf(all)) => all.description,
        RefOr::T(Schema::OneOf(one)) => one.description,
        RefOr::T(Schema::AnyOf(any)) => any.description,
        RefOr::T(Schema::Array(array)) => array.description,
        _ => None,
    };
    let text = description.unwrap_or_default();
    let sentence = text.split_once(". ").map_or(text.as_str(), |(first, _)| first);
    let sentence = sentence.trim_end().trim_end_matches('.').replace('\n', " ");
    if sentence.is_empty() { "What was asked for".to_owned() } else { sentence }
}
