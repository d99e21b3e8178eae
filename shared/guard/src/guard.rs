//! The middleware around the whole application, unmatched paths included.

use std::{
    fmt,
    future::{Ready, ready},
    panic::AssertUnwindSafe,
    rc::Rc,
    sync::Arc,
};

use actix_web::{
    Error,
    body::{BodySize, BoxBody, EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    error::InternalError,
};
use futures::{FutureExt, future::LocalBoxFuture};
use tracing::Instrument;

use crate::{
    GuardConfig, Problem, RouteTable,
    cookies::Cookies,
    matcher::Matcher,
    origin::Origins,
    stages::{
        self, Way, answer, arrival,
        idempotent::{self, Once},
        record::{self, Meters},
    },
    visit::Visit,
};

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: GuardConfig,
    pub(crate) cookies: Cookies,
    pub(crate) origins: Origins,
    pub(crate) routes: Matcher,
    pub(crate) meters: Meters,
}

impl Shared {
    pub(crate) fn trusts(&self, ip: std::net::IpAddr) -> bool {
        self.config.trusted_proxies.iter().any(|net| net.contains(&ip))
    }
}

/// The pipeline, to be wrapped around the application as its outermost layer. Cheap to clone: make
/// one, clone it into every worker.
#[derive(Clone)]
pub struct Guard {
    shared: Arc<Shared>,
}

/// The table is not fit to be served; the sentences say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteDefects(pub Vec<String>);

impl fmt::Display for RouteDefects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the routes contradict each other: {}", self.0.join("; "))
    }
}

impl std::error::Error for RouteDefects {}

impl Guard {
    /// A guard of these routes. Refuses a table with routes that can never be reached, stand twice,
    /// or lie on another surface than their path says: the application must not start.
    pub fn new(config: GuardConfig, table: &RouteTable) -> Result<Self, RouteDefects> {
        let routes = Matcher::new(table);
        let defects = routes.defects();
        if !defects.is_empty() {
            return Err(RouteDefects(defects));
        }
        let shared = Shared {
            cookies: config.cookies(),
            origins: Origins::new(&config),
            meters: Meters::new(&routes),
            routes,
            config,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The cookies, for the handlers that set them.
    #[must_use]
    pub fn cookies(&self) -> Cookies {
        self.shared.cookies.clone()
    }

    /// The origins of the deployment, for handlers that learn the tenant from the body.
    #[must_use]
    pub fn origins(&self) -> Origins {
        self.shared.origins.clone()
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = GuardService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(GuardService { inner: Rc::new(inner), shared: Arc::clone(&self.shared) }))
    }
}

/// The pipeline of one worker.
pub struct GuardService<S> {
    inner: Rc<S>,
    shared: Arc<Shared>,
}

impl<S, B> Service<ServiceRequest> for GuardService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(inner);

    fn call(&self, req: ServiceRequest) -> Self::Future {
        Box::pin(serve(Rc::clone(&self.inner), Arc::clone(&self.shared), req))
    }
}

async fn serve<S, B>(
    inner: Rc<S>,
    shared: Arc<Shared>,
    mut req: ServiceRequest,
) -> Result<ServiceResponse<EitherBody<B>>, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let mut visit = arrival::visit(&shared, &req);
    let ran = match stages::admit(&shared, &mut visit, &mut req).await {
        Err(refusal) => {
            let response = answer::refuse(&mut visit, refusal);
            Ran::Answered(req.into_response(response).map_into_right_body())
        }
        Ok(Way::Preflight(methods)) => {
            let response = answer::preflight(&visit, methods);
            Ran::Answered(req.into_response(response).map_into_right_body())
        }
        Ok(Way::Handler) => run(&*inner, &mut visit, req).await,
        Ok(Way::Once(once)) => run_once(&inner, &shared, &mut visit, req, once).await,
    };
    finish(&shared, &visit, ran)
}

/// How the handler ended.
enum Ran<B> {
    Answered(ServiceResponse<EitherBody<B>>),
    /// It took the request with it; only the answer is left.
    Lost(actix_web::HttpResponse),
}

async fn run<S, B>(inner: &S, visit: &mut Visit, req: ServiceRequest) -> Ran<B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let span = tracing::info_span!("request", request_id = %visit.request_id);
    match AssertUnwindSafe(inner.call(req)).catch_unwind().instrument(span).await {
        Ok(Ok(answer)) => {
            let (answer, code) = answer::settle(visit.request_id, answer);
            visit.code = code;
            Ran::Answered(answer)
        }
        Ok(Err(error)) => Ran::Lost(answer::framework_error(visit, &error)),
        Err(_) => {
            // The panic hook has told where; its text may hold anything and is not repeated.
            tracing::error!(request_id = %visit.request_id, "a handler panicked");
            Ran::Lost(answer::broken(visit))
        }
    }
}

/// Runs the handler once per key. It runs in a task of its own, so a caller that hangs up does not
/// stop it half-way and finds its answer when it asks again.
async fn run_once<S, B>(
    inner: &Rc<S>,
    shared: &Arc<Shared>,
    visit: &mut Visit,
    req: ServiceRequest,
    once: Once,
) -> Ran<B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    match idempotent::claim(shared, &once).await {
        Ok(None) => {}
        Ok(Some(replayed)) => {
            return Ran::Answered(req.into_response(replayed).map_into_right_body());
        }
        Err(problem) => {
            let response = answer::refuse(visit, problem.into());
            return Ran::Answered(req.into_response(response).map_into_right_body());
        }
    }
    let (inner, keeper) = (Rc::clone(inner), Arc::clone(shared));
    let mut own = visit.clone();
    let task = actix_web::rt::spawn(async move {
        let kept: Result<ServiceResponse<BoxBody>, _> = match run(&*inner, &mut own, req).await {
            Ran::Answered(answer) => Ok(idempotent::keep(&keeper, once, answer).await),
            Ran::Lost(response) => {
                idempotent::give_up(&keeper, once).await;
                Err(response)
            }
        };
        (kept, own.code)
    });
    match task.await {
        Ok((kept, code)) => {
            visit.code = code;
            match kept {
                Ok(answer) => Ran::Answered(answer.map_body(|_, body| EitherBody::right(body))),
                Err(response) => Ran::Lost(response),
            }
        }
        Err(_) => Ran::Lost(answer::broken(visit)),
    }
}

fn finish<B: MessageBody + 'static>(
    shared: &Shared,
    visit: &Visit,
    ran: Ran<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match ran {
        Ran::Answered(mut answer) => {
            answer::dress(shared, visit, answer.headers_mut());
            record::record(shared, visit, answer.status(), answer.response().body().size());
            Ok(answer)
        }
        Ran::Lost(mut response) => {
            answer::dress(shared, visit, response.headers_mut());
            let size: BodySize = response.body().size();
            record::record(shared, visit, response.status(), size);
            let cause = Problem::new(bk_kernel::Code::Internal);
            Err(InternalError::from_response(cause, response).into())
        }
    }
}
