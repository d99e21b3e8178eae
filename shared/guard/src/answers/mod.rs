//! Answers of handlers. The type says the status, the headers and the schema, so a handler's return
//! type is all that the document needs:
//!
//! | type | status | headers | schema of the body |
//! |---|---|---|---|
//! | [`Json<T>`](crate::Json) | 200 | | `T` |
//! | [`Page<T>`] | 200 | | `TPage`, with `items` and `next_cursor` |
//! | [`Versioned<T>`] | 200 | `ETag` | `T` |
//! | [`Created<T>`] | 201 | `Location`, `ETag` | `T` |
//! | [`NoContent`] | 204 | | none |
//! | [`WithCookies<R>`] | that of `R` | and `Set-Cookie` | that of `R` |
//! | [`BareResponse`] | any | any | none: for pages, and for handlers that declare `responses` |
//!
//! Refusals are [`Problem`]s; what they look like in the document follows from the route's policy.

mod created;
mod page;
pub(crate) mod schemas;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    cookie::Cookie,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        Content, Ref, RefOr,
        header::Header,
        response::{Response, ResponseBuilder},
    },
};

pub use self::{created::Created, page::Page};
use crate::{ETag, Json, Problem};
use std::collections::BTreeMap;

/// Documented responses by status, as `IntoResponses` returns them.
pub(crate) type Documented = BTreeMap<String, RefOr<Response>>;

/// A JSON body with its `ETag`: 200.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The version of the row.
    pub etag: ETag,
    /// What is sent as JSON.
    pub body: T,
}

impl<T: Serialize> Responder for Versioned<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::ETAG, self.etag.header())).json(self.body)
    }
}

impl<T: ToSchema> IntoResponses for Versioned<T> {
    fn responses() -> Documented {
        documented(StatusCode::OK, schemas::about::<T>(), Some(schemas::content::<T>()), &["etag"])
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

impl<T: ToSchema> IntoResponses for Json<T> {
    fn responses() -> Documented {
        documented(StatusCode::OK, schemas::about::<T>(), Some(schemas::content::<T>()), &[])
    }
}

/// The request was carried out and there is nothing to return: 204.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl IntoResponses for NoContent {
    fn responses() -> Documented {
        let about = "Done; there is nothing to return".to_owned();
        documented(StatusCode::NO_CONTENT, about, None, &[])
    }
}

/// Another answer that also sets cookies, in this order.
#[derive(Debug, Clone)]
pub struct WithCookies<R> {
    /// The answer that the cookies are added to.
    pub answer: R,
    /// The cookies to set, as [`Cookies`](crate::Cookies) makes them.
    pub cookies: Vec<Cookie<'static>>,
}

impl<R: Responder<Body = BoxBody>> Responder for WithCookies<R> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut response = self.answer.respond_to(req);
        for cookie in &self.cookies {
            // A cookie that is no header value would be a defect of the code that made it.
            if let Err(error) = response.add_cookie(cookie) {
                return Problem::internal(error).response(None);
            }
        }
        response
    }
}

impl<R: IntoResponses> IntoResponses for WithCookies<R> {
    fn responses() -> Documented {
        R::responses()
    }
}

/// A response made by hand. It says nothing of itself in the document: for pages that are not part of
/// it, and for handlers that declare their `responses` themselves because no type can.
#[derive(Debug)]
pub struct BareResponse(pub HttpResponse);

impl Responder for BareResponse {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

impl IntoResponses for BareResponse {
    fn responses() -> Documented {
        Documented::new()
    }
}

/// The pipeline adds the error answers that a route's policy implies; none is declared by hand.
impl IntoResponses for Problem {
    fn responses() -> Documented {
        Documented::new()
    }
}

/// One response. `headers` name headers of the document's components.
fn documented(
    status: StatusCode,
    about: String,
    content: Option<Content>,
    headers: &[&str],
) -> Documented {
    let mut response = ResponseBuilder::new().description(about);
    if let Some(content) = content {
        response = response.content("application/json", content);
    }
    let mut response = response.build();
    for name in headers {
        let header: RefOr<Header> = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
        response.headers.insert((*name).to_owned(), header);
    }
    Documented::from([(status.as_str().to_owned(), RefOr::T(response))])
}
