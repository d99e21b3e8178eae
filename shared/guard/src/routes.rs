//! Mounting: the only way in which a handler becomes reachable, and the table that the pipeline
//! enforces.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use actix_web::{dev::HttpServiceFactory, http::Method, web::ServiceConfig};
use utoipa::openapi::{
    RefOr,
    path::{HttpMethod, Paths},
    schema::Schema,
};
use utoipa_actix_web::OpenApiFactory;

use crate::{Policy, answers::schemas};

/// A handler that declares its policy.
pub trait Guarded {
    /// The policy of the route.
    const POLICY: Policy;
}

/// One mounted route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteEntry {
    /// The method that it answers.
    pub method: Method,
    /// The full path pattern, `/api/v1/client/orders/{id}`.
    pub pattern: String,
    /// What it demands of requests.
    pub policy: Policy,
}

/// All mounted routes: what the pipeline enforces and what the document is made of.
#[derive(Default, Clone)]
pub struct RouteTable {
    entries: Vec<RouteEntry>,
    policies_only: bool,
    /// The paths of the document, as the handlers declare them.
    pub paths: Paths,
    /// The schemas that handlers refer to, by name; a name occurs as often as it is referred to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl RouteTable {
    /// A table of what the pipeline enforces, without the operations of the document, which take some
    /// megabytes.
    #[must_use]
    pub fn policies_only() -> Self {
        Self { policies_only: true, ..Self::default() }
    }

    /// Every route, in the order of mounting.
    #[must_use]
    pub fn entries(&self) -> &[RouteEntry] {
        &self.entries
    }

    /// The names that two different schemas have: the document can hold only one of each.
    #[must_use]
    pub fn ambiguous_schemas(&self) -> BTreeSet<&str> {
        let mut known: BTreeMap<&str, &RefOr<Schema>> = BTreeMap::new();
        let names = self.schemas.iter().filter(|(name, schema)| {
            known.insert(name, schema).is_some_and(|earlier| earlier != schema)
        });
        names.map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn insert(&mut self, method: Method, pattern: String, policy: Policy) {
        self.entries.push(RouteEntry { method, pattern, policy });
    }
}

/// Where a domain mounts its handlers.
///
/// Patterns without parameters come first, so that a request for one is not compared with every
/// pattern that has some; those follow when this is dropped. Within each kind the order is the order
/// of mounting.
pub struct Routes<'a> {
    config: &'a mut ServiceConfig,
    table: &'a mut RouteTable,
    prefix: &'static str,
    with_parameters: Vec<Mount>,
}

/// Adds one handler to the application and to the table.
type Mount = Box<dyn FnOnce(&mut ServiceConfig, &mut RouteTable)>;

impl<'a> Routes<'a> {
    /// Routes below `prefix` (the path of the scope `config` belongs to; empty at the root).
    pub fn new(
        config: &'a mut ServiceConfig,
        table: &'a mut RouteTable,
        prefix: &'static str,
    ) -> Self {
        Self { config, table, prefix, with_parameters: Vec::new() }
    }

    /// Mounts a handler with its policy. A handler without one does not compile here:
    ///
    /// ```compile_fail
    /// #[utoipa::path(responses((status = 200)))]
    /// #[actix_web::get("/open")]
    /// async fn open() -> &'static str { "open" }
    ///
    /// fn routes(routes: &mut bk_guard::Routes<'_>) {
    ///     routes.mount(open);
    /// }
    /// ```
    pub fn mount<H>(&mut self, handler: H) -> &mut Self
    where
        H: Guarded + HttpServiceFactory + OpenApiFactory + utoipa::Path + 'static,
    {
        let pattern = format!("{}{}", self.prefix, H::path());
        if pattern.contains('{') {
            self.with_parameters
                .push(Box::new(move |config, table| add(handler, &pattern, config, table)));
        } else {
            add(handler, &pattern, self.config, self.table);
        }
        self
    }
}

impl Drop for Routes<'_> {
    fn drop(&mut self) {
        for mount in mem::take(&mut self.with_parameters) {
            mount(self.config, self.table);
        }
    }
}

fn add<H>(handler: H, pattern: &str, config: &mut ServiceConfig, table: &mut RouteTable)
where
    H: Guarded + HttpServiceFactory + OpenApiFactory + utoipa::Path + 'static,
{
    for method in H::methods() {
        table.insert(actix_method(&method), pattern.to_owned(), H::POLICY);
    }
    if H::POLICY.documented && !table.policies_only {
        let (paths, mentioned) = schemas::collect(|| handler.paths());
        table.schemas.extend(mentioned);
        for (_, item) in paths.paths {
            table.paths.paths.entry(pattern.to_owned()).or_default().merge_operations(item);
        }
        handler.schemas(&mut table.schemas);
    }
    config.service(handler);
}

impl Routes<'_> {
    /// Mounts pages that the document leaves out (its own viewer, a development mailbox), all under
    /// one policy. `patterns` are full paths as actix writes them; `/docs/{path:.*}` admits a tail.
    pub fn mount_pages<F>(
        &mut self,
        pages: F,
        patterns: &[(Method, &str)],
        policy: Policy,
    ) -> &mut Self
    where
        F: HttpServiceFactory + 'static,
    {
        for (method, pattern) in patterns {
            let pattern = format!("{}{pattern}", self.prefix);
            self.table.insert(method.clone(), pattern, policy);
        }
        self.config.service(pages);
        self
    }
}

fn actix_method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}
