//! Stripe's HTTP API: checks the headers, replays stored responses to idempotency keys, executes the request on
//! the account and renders the response.
//!
//! This file and [`headers`] know HTTP. The other files take parsed parameters and return JSON.

mod checkout_sessions;
mod customers;
mod expand;
mod headers;
mod idempotency;
mod list;
mod params;
mod prices;
mod products;
mod refunds;
mod routes;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

pub(crate) use idempotency::IdempotencyKeys;

use self::idempotency::{Claim, Fingerprint, StoredResponse};
use self::params::Params;
use crate::account::RequestContext;
use crate::app_state::AppState;
use crate::config::API_VERSION;
use crate::error::ApiError;
use crate::ids;

/// Handles every request below `/v1/`.
pub(crate) async fn serve(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let request_id = ids::request();
    let result = respond(&state.into_inner(), &request, &body, &request_id).await;
    let ApiResponse { status, body, original_request } =
        result.unwrap_or_else(|error| ApiResponse::new(Err(&error)));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    tracing::debug!(%request_id, method = %request.method(), path = request.path(), %status, "request");
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "application/json"));
    response.insert_header(("request-id", request_id));
    response.insert_header(("cache-control", "no-cache, no-store"));
    let version = headers::api_version(request.headers()).unwrap_or(API_VERSION);
    response.insert_header(("stripe-version", version));
    if let Some(key) = request.headers().get("idempotency-key") {
        response.insert_header(("idempotency-key", key.clone()));
    }
    if let Some(original_request) = original_request {
        response.insert_header(("idempotent-replayed", "true"));
        response.insert_header(("original-request", original_request));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header(("www-authenticate", "Basic realm=\"Stripe\""));
    }
    response.body(body)
}

struct ApiResponse {
    status: u16,
    body: String,
    /// For a replayed response: the id of the request that it was first sent to.
    original_request: Option<String>,
}

impl ApiResponse {
    /// Renders the result of a request; JSON is indented like Stripe's.
    fn new(result: Result<&Value, &ApiError>) -> Self {
        let (status, body) = match result {
            Ok(value) => (200, format!("{value:#}")),
            Err(error) => (error.status, format!("{:#}", error.body())),
        };
        Self { status, body, original_request: None }
    }
}

/// Executes a request, or replays the stored response to its idempotency key. Fails for requests that are
/// rejected before they are executed.
async fn respond(
    state: &Arc<AppState>,
    request: &HttpRequest,
    body: &[u8],
    request_id: &str,
) -> Result<ApiResponse, ApiError> {
    headers::authenticate(request.headers())?;
    headers::api_version(request.headers())?;
    headers::reject_connected_account(request.headers())?;
    let call = ApiRequest::parse(request, body)?;
    let key = if call.is_write { headers::idempotency_key(request.headers())? } else { None };
    let claimed_key = match key {
        None => None,
        Some(key) => match idempotency::claim(state, &key, &call.fingerprint())? {
            Claim::New(claimed_key) => Some(claimed_key),
            Claim::Replay(StoredResponse { status, body, request_id }) => {
                return Ok(ApiResponse { status, body, original_request: Some(request_id) });
            }
        },
    };
    if !state.settings.latency.is_zero() {
        tokio::time::sleep(state.settings.latency).await;
    }
    let idempotency_key = claimed_key.as_ref().map(|claimed| claimed.key().to_owned());
    let result = call.execute(state, request_id, idempotency_key);
    let response = ApiResponse::new(result.as_ref());
    let was_executed = result.as_ref().err().is_none_or(|error| !error.before_execution);
    if let Some(claimed_key) = claimed_key.filter(|_| was_executed) {
        claimed_key.store(StoredResponse {
            status: response.status,
            body: response.body.clone(),
            request_id: request_id.to_owned(),
        });
    }
    Ok(response)
}

struct ApiRequest {
    /// POST; otherwise the request is a GET.
    is_write: bool,
    path: String,
    /// Decoded parameters of the query and the form, in the order of the request.
    pairs: Vec<(String, String)>,
}

impl ApiRequest {
    /// Fails for methods other than GET and POST, and for bodies that are not forms.
    fn parse(request: &HttpRequest, body: &[u8]) -> Result<Self, ApiError> {
        let is_write = match request.method().as_str() {
            "GET" => false,
            "POST" => true,
            other => return Err(ApiError::unrecognized_url(other, request.path())),
        };
        let mut pairs = decode(request.query_string().as_bytes())?;
        if is_write && !body.is_empty() {
            let is_form = request
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
            if !is_form {
                return Err(ApiError::rejected(
                    "Invalid request (check that your POST content type is \
                     application/x-www-form-urlencoded).",
                ));
            }
            pairs.extend(decode(body)?);
        }
        Ok(Self { is_write, path: request.path().to_owned(), pairs })
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(&self.path, &self.pairs)
    }

    fn execute(
        &self,
        state: &AppState,
        request_id: &str,
        idempotency_key: Option<String>,
    ) -> Result<Value, ApiError> {
        let params = Params::parse(&self.pairs)?;
        if !self.is_write {
            return state.read(|state| routes::get(&state.account, &self.path, params));
        }
        state.update(|state, now| {
            let request_id = Some(request_id.to_owned());
            let context = RequestContext { now, request_id, idempotency_key };
            routes::post(&mut state.account, &self.path, params, &context)
        })
    }
}

fn decode(form: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let unreadable = || ApiError::rejected("Invalid request: the form could not be read.");
    let text = std::str::from_utf8(form).map_err(|_| unreadable())?;
    web::Query::<Vec<(String, String)>>::from_query(text)
        .map(web::Query::into_inner)
        .map_err(|_| unreadable())
}
