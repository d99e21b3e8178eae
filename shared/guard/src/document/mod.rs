//! The OpenAPI document and the policy table, made from the very table the guard enforces.
//!
//! Handlers declare their successes; everything a policy implies is added here: security, error
//! answers, headers, limits. Path parameters that no handler describes are described, and an operation
//! whose body or answer has no example gets one made from its schema. Nothing here depends on the order of mounting.

mod example;
mod grammar;
mod operation;
mod parameters;
mod policies;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use bk_kernel::{Code, Environment, Surface};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Header, InfoBuilder, License, Object, OpenApi, OpenApiBuilder, Ref, RefOr,
        Server, Tag, Type,
        example::ExampleBuilder,
        path::{Operation, PathItem},
        schema::Schema,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
        tag::TagBuilder,
    },
};

pub use self::{grammar::grammar_defects, policies::policy_table};
use crate::{Problem, ProblemBody, RouteTable, cookies::Cookies, csrf::CsrfKey};

/// The head of the document.
#[derive(Debug, Clone)]
pub struct DocumentInfo {
    /// The name of the product.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// What the API is, in some sentences.
    pub description: String,
    /// SPDX identifier of the licence.
    pub licence: String,
    /// The address of the API; `/` when it is where the document was read.
    pub server_url: String,
    /// Tags and what they are about. Tags that operations use and that are missing here have no
    /// description.
    pub tags: Vec<(String, String)>,
}

/// The document of all mounted routes.
#[must_use]
pub fn document(table: &RouteTable, info: DocumentInfo) -> OpenApi {
    let components = components(table);
    let schemas = serde_json::to_value(&components.schemas).unwrap_or_default();
    let mut paths = table.paths.clone();
    for entry in table.entries() {
        let versioned = table
            .entries()
            .iter()
            .any(|sibling| sibling.pattern == entry.pattern && sibling.policy.if_match);
        let operation =
            paths.paths.get_mut(&entry.pattern).and_then(|item| operation_mut(item, &entry.method));
        // Pages outside the document have no operation.
        let Some(operation) = operation else { continue };
        parameters::complete(operation, &entry.pattern);
        operation::enrich(operation, entry, versioned);
        example::fill(operation, &schemas);
    }
    let tags = tags(&paths.paths, &info.tags);
    let mut licence = License::new(info.licence.clone());
    licence.identifier = Some(info.licence);
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title(info.title)
                .version(info.version)
                .description(Some(info.description))
                .license(Some(licence))
                .build(),
        )
        .servers(Some([Server::new(info.server_url)]))
        .paths(paths)
        .components(Some(components))
        .tags(Some(tags))
        .build()
}

/// The document as committed: indented, every object's keys sorted, ending in a line break.
///
/// Fails only when the document cannot be written as JSON.
pub fn document_json(document: &OpenApi) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&sorted(serde_json::to_value(document)?))?;
    text.push('\n');
    Ok(text)
}

/// A value with the keys of all objects sorted: extensions are kept in hash maps, whose order varies.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<String, Value> =
                map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

fn operation_mut<'p>(item: &'p mut PathItem, method: &Method) -> Option<&'p mut Operation> {
    match *method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::PATCH => item.patch.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

fn components(table: &RouteTable) -> Components {
    let mut components = Components::new();
    components.schemas.extend(table.schemas.iter().cloned());
    let mut own = Vec::new();
    ProblemBody::schemas(&mut own);
    components.schemas.extend(own);
    components.schemas.insert(ProblemBody::name().into_owned(), problem_schema());
    for code in Code::ALL {
        components.examples.insert(code.as_str().to_owned(), problem_example(*code));
    }
    components.headers = headers();
    components.security_schemes = security_schemes();
    components
}

/// The schema of a problem, with the list of codes closed.
fn problem_schema() -> RefOr<Schema> {
    let mut problem = ProblemBody::schema();
    if let RefOr::T(Schema::Object(object)) = &mut problem
        && let Some(RefOr::T(Schema::Object(code))) = object.properties.get_mut("code")
    {
        code.enum_values = Some(Code::ALL.iter().map(|code| json!(code.as_str())).collect());
    }
    problem
}

fn problem_example(code: Code) -> RefOr<utoipa::openapi::example::Example> {
    let mut problem = if code == Code::InputInvalid {
        Problem::field("/lines/0/quantity", "range", "between 1 and 50")
    } else {
        Problem::new(code)
    }
    .body();
    "019ab0c2-7d1e-7f00-8000-000000000000".clone_into(&mut problem.request_id);
    let value = serde_json::to_value(problem).unwrap_or_default();
    RefOr::T(ExampleBuilder::new().summary(code.title()).value(Some(value)).build())
}

fn headers() -> BTreeMap<String, RefOr<Header>> {
    let header = |kind: Type, description: &str, example: Value| {
        let schema = Object::with_type(kind);
        let mut header = Header::new(schema);
        header.description = Some(description.to_owned());
        header.example = Some(example);
        RefOr::T(header)
    };
    BTreeMap::from([
        (
            "x-request-id".to_owned(),
            header(
                Type::String,
                "Names the request in our logs; a caller's UUID is kept.",
                json!("019ab0c2-7d1e-7f00-8000-000000000000"),
            ),
        ),
        (
            "ratelimit".to_owned(),
            header(
                Type::String,
                "Requests left and seconds until the quota is full, per limit.",
                json!("\"read-ip\";r=1199;t=1, \"read\";r=599;t=1"),
            ),
        ),
        (
            "ratelimit-policy".to_owned(),
            header(
                Type::String,
                "The quotas and their windows in seconds.",
                json!("\"read-ip\";q=1200;w=60, \"read\";q=600;w=60"),
            ),
        ),
        (
            "retry-after".to_owned(),
            header(Type::Integer, "Seconds to wait before asking again.", json!(5)),
        ),
        (
            "etag".to_owned(),
            header(Type::String, "The version; repeat it in `If-Match`.", json!("\"7\"")),
        ),
        (
            "location".to_owned(),
            header(
                Type::String,
                "Where the new resource is read: an absolute path.",
                json!("/api/v1/admin/dishes/019ab0c2-7d1e-7f00-8000-000000000020"),
            ),
        ),
        (
            "idempotency-replayed".to_owned(),
            header(
                Type::String,
                "`true` when this is the kept answer to an earlier request with the same key.",
                json!("true"),
            ),
        ),
    ])
}

/// A reference to one of [`headers`].
pub(super) fn header_ref(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

fn security_schemes() -> BTreeMap<String, RefOr<SecurityScheme>> {
    let cookies = Cookies::new(Environment::Development, CsrfKey::new([0; 32]));
    let session = |surface: Surface, whose: &str| {
        let name = cookies.session_name(surface).unwrap_or_default();
        let description = format!("The session cookie of {whose}; `__Host-{name}` in production.");
        RefOr::T(SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            name,
            &description,
        ))))
    };
    let header = |name: &str, description: &str| {
        let key = ApiKeyValue::with_description(name, description);
        RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(key)))
    };
    BTreeMap::from([
        (CLIENT_SESSION.to_owned(), session(Surface::Client, "the client app")),
        (ADMIN_SESSION.to_owned(), session(Surface::Admin, "the admin app")),
        (
            CSRF.to_owned(),
            header("x-csrf-token", "The CSRF token of the session, as login and `me` return it."),
        ),
        (
            SIGNATURE.to_owned(),
            header("stripe-signature", "The payment provider's signature over the raw body."),
        ),
    ])
}

pub(super) const CLIENT_SESSION: &str = "client_session";
pub(super) const ADMIN_SESSION: &str = "admin_session";
pub(super) const CSRF: &str = "csrf_token";
pub(super) const SIGNATURE: &str = "webhook_signature";

fn tags(paths: &BTreeMap<String, PathItem>, described: &[(String, String)]) -> Vec<Tag> {
    let used: BTreeSet<&str> = paths
        .values()
        .flat_map(|item| [&item.get, &item.post, &item.put, &item.patch, &item.delete])
        .flatten()
        .flat_map(|operation| operation.tags.iter().flatten())
        .map(String::as_str)
        .collect();
    used.into_iter()
        .map(|name| {
            let about = described.iter().find(|(tag, _)| tag == name).map(|(_, about)| about);
            TagBuilder::new().name(name).description(about.cloned()).build()
        })
        .collect()
}
