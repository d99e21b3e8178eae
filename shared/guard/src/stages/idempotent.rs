//! Stage 10: one effect per idempotency key (docs/http.md, "Idempotency"; docs/controls.md, WH-4).
//!
//! The first request with a key claims it; its answer is stored for 24 hours and replayed to every
//! repetition by the same actor, on the same route, with the same key. Answers that say "try again"
//! (5xx, 429) are not stored. A claim whose process died expires after a minute; then the handler runs
//! again, and its use case makes sure of having one effect.

use std::fmt::Write;

use actix_web::{
    HttpResponse,
    body::{self, BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use bk_kernel::{Code, OperationContext};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{body::RequestBody, single_value};
use crate::{
    Problem,
    guard::Shared,
    idempotency_keys::{self, Claim, ClaimResult, StoredAnswer},
    matcher::Route,
    request_state::RequestState,
};

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Bytes of a key at most.
const KEY_MAX_LEN: usize = 255;
/// Bytes of a body that is stored at most; a larger answer is sent but not stored.
const STORED_ANSWER_MAX_BYTES: u64 = 1024 * 1024;

/// A request that must have one effect, however often it is sent.
pub(crate) struct IdempotentRequest {
    claim: Claim,
}

impl IdempotentRequest {
    pub(crate) fn key(&self) -> &str {
        &self.claim.key
    }
}

/// The idempotent request that this is, if it names a key on a route that honours keys. Keys belong to
/// actors, so an anonymous request has none.
///
/// Fails with [`Code::BodyMalformed`] when the key is not acceptable.
pub(crate) fn recognise(
    operation: Option<&OperationContext>,
    state: &RequestState,
    req: &ServiceRequest,
    route: &Route,
    body: &RequestBody,
) -> Result<Option<IdempotentRequest>, Problem> {
    let Some((operation, user)) = operation.and_then(|o| o.user_id().map(|user| (o, user))) else {
        return Ok(None);
    };
    if !route.policy.idempotent || !state.is_unsafe() {
        return Ok(None);
    }
    let key = match single_value(req.headers(), &IDEMPOTENCY_KEY) {
        Ok(None) => return Ok(None),
        Ok(Some(key)) if is_key(key) => key.to_owned(),
        Ok(Some(_)) | Err(_) => {
            let detail = "Idempotency-Key is 1 to 255 visible ASCII characters.";
            return Err(Problem::new(Code::BodyMalformed).detail(detail));
        }
    };
    Ok(Some(IdempotentRequest {
        claim: Claim {
            operation: operation.clone(),
            user,
            route: format!("{} {}", route.method, route.pattern),
            key,
            fingerprint: fingerprint(req, body.bytes()),
            attempt: Uuid::now_v7(),
        },
    }))
}

fn is_key(text: &str) -> bool {
    (1..=KEY_MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The hash of what makes two requests the same: path, query, the version they update, body.
fn fingerprint(req: &ServiceRequest, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let version = req.headers().get(header::IF_MATCH).map_or(&b""[..], HeaderValue::as_bytes);
    for part in [req.path().as_bytes(), req.query_string().as_bytes(), version] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(body);
    hash.finalize().into()
}

/// Claims the key. Returns none when the handler is to run, and otherwise the answer that was given
/// before.
///
/// Fails with [`Code::IdempotencyInProgress`] while the same request runs, and with
/// [`Code::IdempotencyMismatch`] when the key was used for a different one.
pub(crate) async fn claim(
    shared: &Shared,
    request: &IdempotentRequest,
) -> Result<Option<HttpResponse>, Problem> {
    match idempotency_keys::claim(&shared.config.db, request.claim.clone()).await? {
        ClaimResult::Claimed => Ok(None),
        ClaimResult::InProgress => Err(Problem::new(Code::IdempotencyInProgress).retry_after(1)),
        ClaimResult::DifferentRequest => Err(Problem::new(Code::IdempotencyMismatch)),
        ClaimResult::Completed(answer) => Ok(Some(replay(answer))),
    }
}

fn replay(answer: StoredAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::new(status).set_body(BoxBody::new(answer.body));
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        {
            headers.insert(name, value);
        }
    }
    headers.insert(IDEMPOTENCY_REPLAYED.clone(), HeaderValue::from_static("true"));
    response
}

/// Stores the answer, or releases the key when the caller should ask again.
pub(crate) async fn store<B: MessageBody + 'static>(
    shared: &Shared,
    request: IdempotentRequest,
    answer: ServiceResponse<B>,
) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    let small = matches!(
        answer.response().body().size(),
        BodySize::None | BodySize::Sized(0..=STORED_ANSWER_MAX_BYTES)
    );
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || !small {
        release(shared, request).await;
        return answer.map_into_boxed_body();
    }
    let (http_request, response) = answer.into_parts();
    let (response, content) = response.into_parts();
    let Ok(content) = body::to_bytes(content).await else {
        release(shared, request).await;
        let problem = Problem::new(Code::Internal);
        return ServiceResponse::new(http_request, problem.response(None));
    };
    let stored = StoredAnswer {
        status: status.as_u16(),
        headers: replayed_headers(response.headers()),
        body: content.to_vec(),
    };
    if let Err(error) = idempotency_keys::complete(&shared.config.db, request.claim, stored).await {
        // The effect has happened, and the caller must get the answer. The claim expires, and the use
        // case is idempotent itself.
        log_failure(&error);
    }
    ServiceResponse::new(http_request, response.set_body(BoxBody::new(content)))
}

/// Releases the key for another attempt.
pub(crate) async fn release(shared: &Shared, request: IdempotentRequest) {
    if let Err(error) = idempotency_keys::release(&shared.config.db, request.claim).await {
        log_failure(&error);
    }
}

fn log_failure(error: &bk_persistence::DbError) {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    tracing::warn!(error = text, "an idempotency key could not be written");
}

/// The headers that are stored with an answer, so that a replay is the same.
fn replayed_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    [header::CONTENT_TYPE, header::ETAG, header::LOCATION]
        .into_iter()
        .filter_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?.to_owned();
            Some((name.as_str().to_owned(), value))
        })
        .collect()
}
