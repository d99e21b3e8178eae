//! Routes that the client and the admin surface have in common: written once, mounted on both.

use std::marker::PhantomData;

use actix_web::{
    Resource, Route,
    dev::{AppService, HttpServiceFactory},
    guard::{self, Guard},
    http::Method,
};
use bk_guard::{Guarded, Policy};
use bk_kernel::Surface;
use utoipa::openapi::{
    PathItem, RefOr,
    path::{HttpMethod, Operation, Paths},
    schema::Schema,
};
use utoipa_actix_web::OpenApiFactory;

/// A surface that users log in on, as a type.
pub(crate) trait LoginSurface: 'static {
    /// The surface that the type stands for.
    const SURFACE: Surface;
}

/// The client surface.
pub(crate) enum ClientSurface {}

impl LoginSurface for ClientSurface {
    const SURFACE: Surface = Surface::Client;
}

/// The admin surface.
pub(crate) enum AdminSurface {}

impl LoginSurface for AdminSurface {
    const SURFACE: Surface = Surface::Admin;
}

/// A handler of both login surfaces. Its path begins behind that of the surface; `{surface}` in its
/// operation id stands for the name of the surface.
pub(crate) trait SharedHandler<S: LoginSurface>:
    utoipa::Path + OpenApiFactory + 'static
{
    /// What the route demands on this surface.
    const POLICY: Policy;

    /// The handler, for requests of the method that its description names.
    fn route() -> Route;
}

/// A [`SharedHandler`], mounted on the surface `S`.
pub(crate) struct On<S, H> {
    handler: H,
    surface: PhantomData<S>,
}

impl<S, H> On<S, H> {
    /// Mounts `handler` on the surface `S`.
    pub(crate) const fn new(handler: H) -> Self {
        Self { handler, surface: PhantomData }
    }
}

impl<S: LoginSurface, H: SharedHandler<S>> Guarded for On<S, H> {
    const POLICY: Policy = H::POLICY;
}

impl<S: LoginSurface, H: SharedHandler<S>> HttpServiceFactory for On<S, H> {
    fn register(self, config: &mut AppService) {
        let resource = Resource::new(<Self as utoipa::Path>::path());
        let methods = H::methods().into_iter();
        let guarded = methods.fold(resource, |resource, method| resource.guard(of_method(&method)));
        guarded.route(H::route()).register(config);
    }
}

impl<S: LoginSurface, H: SharedHandler<S>> utoipa::Path for On<S, H> {
    fn methods() -> Vec<HttpMethod> {
        H::methods()
    }

    fn path() -> String {
        format!("/{}{}", S::SURFACE, H::path())
    }

    fn operation() -> Operation {
        named::<S>(H::operation())
    }
}

impl<S: LoginSurface, H: SharedHandler<S>> OpenApiFactory for On<S, H> {
    fn paths(&self) -> Paths {
        let mut paths = self.handler.paths();
        for item in paths.paths.values_mut() {
            let PathItem { get, post, delete, .. } = item;
            for operation in [get, post, delete] {
                *operation = operation.take().map(named::<S>);
            }
        }
        paths
    }

    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        self.handler.schemas(schemas);
    }
}

fn named<S: LoginSurface>(mut operation: Operation) -> Operation {
    let name = operation.operation_id.as_deref();
    operation.operation_id = name.map(|name| name.replace("{surface}", S::SURFACE.as_str()));
    operation
}

/// The methods that this domain's routes have.
fn of_method(method: &HttpMethod) -> impl Guard + use<> {
    guard::Method(match method {
        HttpMethod::Post => Method::POST,
        HttpMethod::Delete => Method::DELETE,
        _ => Method::GET,
    })
}
