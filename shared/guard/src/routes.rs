//! Mounting: the only way a handler becomes reachable, and the table the pipeline consults.

use std::collections::HashMap;

use actix_web::{dev::HttpServiceFactory, http::Method, web::ServiceConfig};
use utoipa::openapi::{
    RefOr,
    path::{HttpMethod, Paths},
    schema::Schema,
};
use utoipa_actix_web::OpenApiFactory;

use crate::Policy;

/// A handler that declares its policy.
pub trait Guarded {
    /// What the route demands.
    const POLICY: Policy;
}

/// One mounted route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteEntry {
    /// The method.
    pub method: Method,
    /// The full path pattern, `/api/v1/client/orders/{id}`.
    pub pattern: String,
    /// Its policy.
    pub policy: Policy,
}

/// All mounted routes: what the pipeline enforces and what the document is made of.
#[derive(Default, Clone)]
pub struct RouteTable {
    by_pattern: HashMap<String, Vec<(Method, Policy)>>,
    entries: Vec<RouteEntry>,
    /// Paths of the document, as declared by the handlers.
    pub paths: Paths,
    /// Schemas the handlers refer to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl RouteTable {
    /// The policy of a method on a matched pattern.
    #[must_use]
    pub fn policy(&self, method: &Method, pattern: &str) -> Option<&Policy> {
        self.by_pattern.get(pattern)?.iter().find(|(m, _)| m == method).map(|(_, policy)| policy)
    }

    /// The methods offered on a pattern; empty when it is not a route.
    pub fn methods(&self, pattern: &str) -> impl Iterator<Item = &Method> {
        self.by_pattern.get(pattern).into_iter().flatten().map(|(method, _)| method)
    }

    /// The surface of a pattern; all methods of a pattern share it.
    #[must_use]
    pub fn surface(&self, pattern: &str) -> Option<bk_kernel::Surface> {
        self.by_pattern.get(pattern)?.first().map(|(_, policy)| policy.surface)
    }

    /// Every route, in the order of mounting.
    #[must_use]
    pub fn entries(&self) -> &[RouteEntry] {
        &self.entries
    }

    pub(crate) fn insert(&mut self, method: Method, pattern: String, policy: Policy) {
        self.by_pattern.entry(pattern.clone()).or_default().push((method.clone(), policy));
        self.entries.push(RouteEntry { method, pattern, policy });
    }
}

/// Where a domain mounts its handlers.
pub struct Routes<'a> {
    config: &'a mut ServiceConfig,
    table: &'a mut RouteTable,
    prefix: &'static str,
}

impl<'a> Routes<'a> {
    /// Routes below `prefix` (the path of the scope `config` belongs to; empty at the root).
    pub fn new(
        config: &'a mut ServiceConfig,
        table: &'a mut RouteTable,
        prefix: &'static str,
    ) -> Self {
        Self { config, table, prefix }
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
        for method in H::methods() {
            self.table.insert(actix_method(&method), pattern.clone(), H::POLICY);
        }
        if H::POLICY.documented {
            for (_, item) in handler.paths().paths {
                self.table.paths.paths.entry(pattern.clone()).or_default().merge_operations(item);
            }
            handler.schemas(&mut self.table.schemas);
        }
        self.config.service(handler);
        self
    }
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
