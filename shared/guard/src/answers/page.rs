//! One page of a list.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref, RefOr, Type,
        schema::{Schema, SchemaType},
    },
};

use super::{Documented, documented, schemas};

/// One page of a list: 200. Made from the kernel's page: `page.map(DishSummary::from).into()`.
///
/// In the document it is named after its rows: `Page<Pack>` is `PackPage`. Rows that are summaries of
/// a resource make a page of the resource: `Page<DishSummary>` is `DishPage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The rows of this page, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page starts, or null at the end.
    pub next_cursor: Option<String>,
}

impl<T> From<bk_kernel::Page<T>> for Page<T> {
    fn from(page: bk_kernel::Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next_cursor }
    }
}

impl<T: Serialize> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self)
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new()
            .items(Ref::from_schema_name(T::name()))
            .description(Some("The rows of the page."));
        let text_or_null = SchemaType::from_iter([Type::String, Type::Null]);
        let next_cursor = ObjectBuilder::new()
            .schema_type(text_or_null)
            .description(Some("Where the next page starts, or null at the end."))
            .examples([json!("019ab0c27d1e7f008000000000000020")]);
        ObjectBuilder::new()
            .description(Some("One page of a list."))
            .property("items", items)
            .required("items")
            .property("next_cursor", next_cursor)
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        let rows = T::name();
        Cow::Owned(format!("{}Page", rows.strip_suffix("Summary").unwrap_or(&rows)))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
        schemas.push((T::name().into_owned(), T::schema()));
    }
}

impl<T: ToSchema> IntoResponses for Page<T> {
    fn responses() -> Documented {
        let about = "One page, and where the next one starts".to_owned();
        documented(StatusCode::OK, about, Some(schemas::content::<Self>()), &[])
    }
}
