//! What a domain registers, once: its routes, permissions and document tags, which need nothing that
//! runs, and for the running instance its application data, jobs, fact handlers and cache
//! invalidations. The host iterates over domains; so does whatever documents or tests them.

use std::sync::Arc;

use actix_web::web::ServiceConfig;
use bk_kernel::PermissionDef;
use bk_persistence::{EventHandler, invalidation::Subscriber, jobs::Registry};

use crate::{RouteTable, Routes};

/// The path that all routes of the API stand below. Handlers write their paths without it.
pub const API_PREFIX: &str = "/api/v1";

/// Mounts some routes of a domain.
pub type MountRoutes = fn(&mut Routes<'_>);

/// A domain of the product. Implemented by the one type that a domain's crate exports.
pub trait Domain: Send + Sync {
    /// What can be said of the domain without running it: the document is made of this.
    fn registration() -> Registration
    where
        Self: Sized;

    /// Adds what the domain's handlers ask for as `web::Data`. Called once per thread that serves.
    fn app_data(&self, config: &mut ServiceConfig);

    /// Registers the domain's jobs and their schedules, to run on this instance.
    fn jobs(&self, _registry: &mut Registry) {}

    /// The consumers of facts; each names the kinds that it wants.
    fn fact_handlers(&self) -> Vec<Arc<dyn EventHandler>> {
        Vec::new()
    }

    /// The caches of this instance, each with the topic whose notices make it forget.
    fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        Vec::new()
    }
}

/// What a domain declares of itself. A domain of several crates merges those of its parts.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    name: &'static str,
    permissions: Vec<PermissionDef>,
    tags: Vec<(&'static str, &'static str)>,
    routes: Vec<MountRoutes>,
    root_routes: Vec<MountRoutes>,
}

impl Registration {
    /// A domain, or a part of one, that has registered nothing yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// Adds what people may be permitted to do here.
    #[must_use]
    pub fn permissions(mut self, permissions: &[PermissionDef]) -> Self {
        self.permissions.extend_from_slice(permissions);
        self
    }

    /// Adds a tag of the document and what it is about.
    #[must_use]
    pub fn tag(mut self, name: &'static str, about: &'static str) -> Self {
        self.tags.push((name, about));
        self
    }

    /// Adds routes below [`API_PREFIX`].
    #[must_use]
    pub fn routes(mut self, mount: MountRoutes) -> Self {
        self.routes.push(mount);
        self
    }

    /// Adds routes outside [`API_PREFIX`], such as those that payment providers call.
    #[must_use]
    pub fn root_routes(mut self, mount: MountRoutes) -> Self {
        self.root_routes.push(mount);
        self
    }

    /// Takes in all that a part of the domain has registered.
    #[must_use]
    pub fn part(mut self, part: Self) -> Self {
        self.permissions.extend(part.permissions);
        self.tags.extend(part.tags);
        self.routes.extend(part.routes);
        self.root_routes.extend(part.root_routes);
        self
    }

    /// The name of the domain.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// All permissions, in the order of registration.
    #[must_use]
    pub fn all_permissions(&self) -> &[PermissionDef] {
        &self.permissions
    }

    /// All tags of the document and what they are about.
    #[must_use]
    pub fn all_tags(&self) -> &[(&'static str, &'static str)] {
        &self.tags
    }

    /// Mounts the routes below [`API_PREFIX`].
    pub fn mount(&self, routes: &mut Routes<'_>) {
        self.routes.iter().for_each(|mount| mount(routes));
    }

    /// Mounts the routes outside [`API_PREFIX`].
    pub fn mount_root(&self, routes: &mut Routes<'_>) {
        self.root_routes.iter().for_each(|mount| mount(routes));
    }
}

/// Mounts the routes of all domains: those of the API in one scope, the others at the root.
pub fn mount_all(domains: &[Registration], config: &mut ServiceConfig, table: &mut RouteTable) {
    let api = actix_web::web::scope(API_PREFIX).configure(|scope| {
        let mut routes = Routes::new(scope, table, API_PREFIX);
        for domain in domains {
            domain.mount(&mut routes);
        }
    });
    config.service(api);
    let mut routes = Routes::new(config, table, "");
    for domain in domains {
        domain.mount_root(&mut routes);
    }
}
