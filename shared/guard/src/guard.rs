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
    request_state::RequestState,
    stages::{
        self, Admission, arrival,
        idempotent::{self, IdempotentRequest},
        record::{self, RouteMetrics},
        response,
    },
};

/// What all requests read: settings and prepared tables, shared by all workers.
pub(crate) struct Shared {
    pub(crate) config: GuardConfig,
    pub(crate) cookies: Cookies,
    pub(crate) origins: Origins,
    pub(crate) routes: Matcher,
    pub(crate) route_metrics: RouteMetrics,
}

impl Shared {
    pub(crate) fn trusts(&self, ip: std::net::IpAddr) -> bool {
        self.config.trusted_proxies.iter().any(|net| net.contains(&ip))
    }
}

/// The pipeline, to be wrapped around the application as its outermost layer. Cheap to clone: one is
/// made and cloned into every worker.
#[derive(Clone)]
pub struct Guard {
    shared: Arc<Shared>,
}

/// What is wrong with a route table, in sentences; an application with such a table must not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteDefects(pub Vec<String>);

impl fmt::Display for RouteDefects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the routes contradict each other: {}", self.0.join("; "))
    }
}

impl std::error::Error for RouteDefects {}

impl Guard {
    /// A guard of these routes.
    ///
    /// Fails with [`RouteDefects`] when a route can never be reached, is mounted twice, or lies on
    /// another surface than its path says.
    pub fn new(config: GuardConfig, table: &RouteTable) -> Result<Self, RouteDefects> {
        let routes = Matcher::new(table);
        let defects = routes.defects();
        if !defects.is_empty() {
            return Err(RouteDefects(defects));
        }
        let shared = Shared {
            cookies: config.cookies(),
            origins: Origins::new(&config),
            route_metrics: RouteMetrics::new(&routes),
            routes,
            config,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The cookies of the deployment, for the handlers that set them.
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
    let mut state = arrival::request_state(&shared, &req);
    let outcome = match stages::admit(&shared, &mut state, &mut req).await {
        Err(refusal) => {
            let refused = response::of_refusal(&mut state, refusal);
            HandlerOutcome::Answered(req.into_response(refused).map_into_right_body())
        }
        Ok(Admission::Preflight(methods)) => {
            let answer = response::of_preflight(&state, methods);
            HandlerOutcome::Answered(req.into_response(answer).map_into_right_body())
        }
        Ok(Admission::Handler) => run(&*inner, &mut state, req).await,
        Ok(Admission::Idempotent(request)) => {
            run_idempotent(&inner, &shared, &mut state, req, request).await
        }
    };
    finish(&shared, &state, outcome)
}

/// How the handler ended.
enum HandlerOutcome<B> {
    /// With a response.
    Answered(ServiceResponse<B>),
    /// Without the request that a service response is made of; only this response is left.
    RequestLost(actix_web::HttpResponse),
}

async fn run<S, B>(
    inner: &S,
    state: &mut RequestState,
    req: ServiceRequest,
) -> HandlerOutcome<EitherBody<B>>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let span = tracing::info_span!("request", request_id = %state.request_id);
    match AssertUnwindSafe(inner.call(req)).catch_unwind().instrument(span).await {
        Ok(Ok(answer)) => {
            let (answer, code) = response::normalize_error(state.request_id, answer);
            state.code = code;
            HandlerOutcome::Answered(answer)
        }
        Ok(Err(error)) => HandlerOutcome::RequestLost(response::of_framework_error(state, &error)),
        Err(_) => {
            // The panic hook has logged the place; the text may hold anything and is not repeated.
            tracing::error!(request_id = %state.request_id, "a handler panicked");
            HandlerOutcome::RequestLost(response::of_panic(state))
        }
    }
}

/// Runs the handler once per idempotency key. It runs in a task of its own, so a caller that
/// disconnects does not stop it half-way and finds the answer when it asks again.
async fn run_idempotent<S, B>(
    inner: &Rc<S>,
    shared: &Arc<Shared>,
    state: &mut RequestState,
    req: ServiceRequest,
    request: IdempotentRequest,
) -> HandlerOutcome<EitherBody<B>>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    match idempotent::claim(shared, &request).await {
        Ok(None) => {}
        Ok(Some(replayed)) => {
            return HandlerOutcome::Answered(req.into_response(replayed).map_into_right_body());
        }
        Err(problem) => {
            let refused = response::of_refusal(state, problem.into());
            return HandlerOutcome::Answered(req.into_response(refused).map_into_right_body());
        }
    }
    let (inner, shared) = (Rc::clone(inner), Arc::clone(shared));
    let mut task_state = state.clone();
    let task = actix_web::rt::spawn(async move {
        let outcome = match run(&*inner, &mut task_state, req).await {
            HandlerOutcome::Answered(answer) => {
                HandlerOutcome::Answered(idempotent::store(&shared, request, answer).await)
            }
            HandlerOutcome::RequestLost(response) => {
                idempotent::release(&shared, request).await;
                HandlerOutcome::RequestLost(response)
            }
        };
        (outcome, task_state.code)
    });
    let Ok((outcome, code)) = task.await else {
        return HandlerOutcome::RequestLost(response::of_panic(state));
    };
    state.code = code;
    match outcome {
        HandlerOutcome::Answered(answer) => {
            let answer: ServiceResponse<BoxBody> = answer;
            HandlerOutcome::Answered(answer.map_into_right_body())
        }
        HandlerOutcome::RequestLost(response) => HandlerOutcome::RequestLost(response),
    }
}

/// Completes the headers and records how the request ended.
fn finish<B: MessageBody + 'static>(
    shared: &Shared,
    state: &RequestState,
    outcome: HandlerOutcome<EitherBody<B>>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match outcome {
        HandlerOutcome::Answered(mut answer) => {
            response::apply_response_headers(shared, state, answer.headers_mut());
            record::record(shared, state, answer.status(), answer.response().body().size());
            Ok(answer)
        }
        HandlerOutcome::RequestLost(mut response) => {
            response::apply_response_headers(shared, state, response.headers_mut());
            let size: BodySize = response.body().size();
            record::record(shared, state, response.status(), size);
            let cause = Problem::new(bk_kernel::Code::Internal);
            Err(InternalError::from_response(cause, response).into())
        }
    }
}
