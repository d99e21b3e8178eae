//! Stripe's HTTP API: who is asking, what for, whether it was asked before, and the answer with Stripe's
//! headers. The files below carry the requests out on the book; none of them knows HTTP.

mod auth;
mod catalog;
mod customers;
mod error;
mod expand;
mod form;
mod idempotency;
mod list;
mod refunds;
mod routes;
mod sessions;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

pub use error::{ApiError, ErrorType};
pub(crate) use idempotency::{Keys, StoredAnswer};

use self::form::Params;
use self::idempotency::{Begun, Fingerprint, InFlight};
use crate::book::Origin;
use crate::config::API_VERSION;
use crate::ids;
use crate::sim::Sim;

/// Answers any request below `/v1/`.
pub(crate) async fn serve(
    sim: web::Data<Sim>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let request_id = ids::request();
    let answer = match answer(sim.into_inner(), &request, &body, &request_id).await {
        Ok(answer) => answer,
        Err(error) => Answer::from(&error),
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    tracing::debug!(%request_id, method = %request.method(), path = request.path(), %status, "request");
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "application/json"));
    response.insert_header(("request-id", request_id));
    response.insert_header(("cache-control", "no-cache, no-store"));
    let version = auth::version(request.headers()).unwrap_or(API_VERSION);
    response.insert_header(("stripe-version", version));
    if let Some(key) = idempotency_header(&request) {
        response.insert_header((HeaderName::from_static("idempotency-key"), key.clone()));
    }
    if let Some(original) = answer.original_request {
        response.insert_header(("idempotent-replayed", "true"));
        response.insert_header(("original-request", original));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header(("www-authenticate", "Basic realm=\"Stripe\""));
    }
    response.body(answer.body)
}

struct Answer {
    status: u16,
    body: String,
    /// The request this answer was first given to, when it is a replay.
    original_request: Option<String>,
}

impl From<&ApiError> for Answer {
    fn from(error: &ApiError) -> Self {
        Self { status: error.status, body: format!("{:#}", error.body()), original_request: None }
    }
}

async fn answer(
    sim: Arc<Sim>,
    request: &HttpRequest,
    body: &[u8],
    request_id: &str,
) -> Result<Answer, ApiError> {
    auth::authenticate(request.headers())?;
    auth::version(request.headers())?;
    auth::account(request.headers())?;
    let call = Call::read(request, body)?;
    let key = if call.is_write { auth::idempotency_key(request.headers())? } else { None };
    let Some(key) = key else {
        pause(&sim).await;
        return Ok(call.answer(&sim, request_id, None).0);
    };
    let in_flight = match idempotency::begin(&sim, &key, &call.fingerprint())? {
        Begun::Replay(stored) => {
            return Ok(Answer {
                status: stored.status,
                body: stored.body,
                original_request: Some(stored.request_id),
            });
        }
        Begun::First(in_flight) => in_flight,
    };
    pause(&sim).await;
    Ok(call.answer_once(&sim, request_id, &key, in_flight))
}

async fn pause(sim: &Sim) {
    if !sim.settings.latency.is_zero() {
        tokio::time::sleep(sim.settings.latency).await;
    }
}

struct Call {
    is_write: bool,
    path: String,
    pairs: Vec<(String, String)>,
}

impl Call {
    fn read(request: &HttpRequest, body: &[u8]) -> Result<Self, ApiError> {
        let is_write = match request.method().as_str() {
            "GET" => false,
            "POST" => true,
            other => return Err(ApiError::unknown_route(other, request.path())),
        };
        let mut pairs = decode(request.query_string().as_bytes())?;
        if is_write && !body.is_empty() {
            let form = request
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
            if !form {
                let message = "Invalid request (check that your POST content type is \
                               application/x-www-form-urlencoded).";
                return Err(ApiError {
                    before_execution: true,
                    ..ApiError::state(None, None, message)
                });
            }
            pairs.extend(decode(body)?);
        }
        Ok(Self { is_write, path: request.path().to_owned(), pairs })
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(&self.path, &self.pairs)
    }

    /// Carries the request out. The flag says whether the answer is to be kept for its idempotency key.
    fn answer(&self, sim: &Sim, request_id: &str, key: Option<&str>) -> (Answer, bool) {
        let result = Params::from_pairs(&self.pairs).and_then(|params| {
            if !self.is_write {
                return sim.look(|state| routes::read(&state.book, &self.path, params));
            }
            sim.act(|state, now| {
                let origin = Origin {
                    now,
                    request_id: Some(request_id.to_owned()),
                    idempotency_key: key.map(ToOwned::to_owned),
                };
                routes::write(&mut state.book, &self.path, params, &origin)
            })
        });
        match result {
            Ok(value) => {
                (Answer { status: 200, body: format!("{value:#}"), original_request: None }, true)
            }
            Err(error) => (Answer::from(&error), !error.before_execution),
        }
    }

    fn answer_once(&self, sim: &Sim, request_id: &str, key: &str, in_flight: InFlight) -> Answer {
        let (answer, keep) = self.answer(sim, request_id, Some(key));
        if keep {
            in_flight.finish(StoredAnswer {
                status: answer.status,
                body: answer.body.clone(),
                request_id: request_id.to_owned(),
            });
        }
        answer
    }
}

fn decode(form: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let unreadable = || ApiError {
        before_execution: true,
        ..ApiError::state(None, None, "Invalid request: the form could not be read.")
    };
    let text = std::str::from_utf8(form).map_err(|_| unreadable())?;
    web::Query::<Vec<(String, String)>>::from_query(text)
        .map(web::Query::into_inner)
        .map_err(|_| unreadable())
}

fn idempotency_header(request: &HttpRequest) -> Option<&HeaderValue> {
    request.headers().get("idempotency-key")
}
