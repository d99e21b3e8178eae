//! A resource that a request made.

use std::fmt::Display;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::{Documented, documented, schemas};
use crate::{ETag, registration::API_PREFIX};

/// A resource that the request made: 201, with its `Location` and `ETag`.
#[derive(Debug, Clone)]
pub struct Created<T> {
    place: Place,
    etag: ETag,
    body: T,
}

/// Where the resource can be read.
#[derive(Debug, Clone)]
enum Place {
    /// Below the path that was posted to, under this name.
    Below(String),
    /// At this path.
    At(String),
}

impl<T> Created<T> {
    /// The resource stands below the path of the request, under its id: what is posted to
    /// `/api/v1/admin/dishes` is read at `/api/v1/admin/dishes/{id}`.
    pub fn below(id: impl Display, etag: ETag, body: T) -> Self {
        Self { place: Place::Below(id.to_string()), etag, body }
    }

    /// The resource stands at a path of its own, written as handlers write theirs: below `/api/v1`,
    /// beginning with a slash.
    pub fn at(path: impl Display, etag: ETag, body: T) -> Self {
        Self { place: Place::At(format!("{API_PREFIX}{path}")), etag, body }
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let location = match self.place {
            Place::Below(id) => format!("{}/{id}", req.path()),
            Place::At(path) => path,
        };
        HttpResponse::Created()
            .insert_header((header::LOCATION, location))
            .insert_header((header::ETAG, self.etag.header()))
            .json(self.body)
    }
}

impl<T: ToSchema> IntoResponses for Created<T> {
    fn responses() -> Documented {
        let headers = &["etag", "location"];
        let about = format!("Created: {}", lower_first(&schemas::about::<T>()));
        documented(StatusCode::CREATED, about, Some(schemas::content::<T>()), headers)
    }
}

/// A sentence begun in the middle of another.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
