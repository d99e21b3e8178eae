//! Stage 10: one effect per idempotency key (controls WH-4; api page, "Conventions").
//!
//! The first request with a key claims it, the answer is kept for 24 hours and replayed to every
//! repetition per tenant, actor, route and key. Answers that say "try again" (5xx, 429) are not kept.
//! A claim whose process died expires after a minute; then the handler runs again, and its use case
//! makes sure of having an effect once.

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
use bk_kernel::Code;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{body::Read, only};
use crate::{
    Problem,
    guard::Shared,
    idempotency::{self, Claim, Claimed, Outcome},
    matcher::Route,
    visit::Visit,
};

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Longest key.
const KEY_BYTES: usize = 255;
/// Largest answer kept; a larger one is sent and forgotten.
const KEPT_BYTES: u64 = 1024 * 1024;

/// A request that is to have one effect.
pub(crate) struct Once {
    claim: Claim,
}

impl Once {
    pub(crate) fn key(&self) -> &str {
        &self.claim.key
    }
}

/// Whether the request asks to have one effect. Without an actor there is nobody to keep a key for.
pub(crate) fn recognise(
    visit: &Visit,
    req: &ServiceRequest,
    route: &Route,
    body: &Read,
) -> Result<Option<Once>, Problem> {
    let Some(actor) = &visit.actor else { return Ok(None) };
    if !route.policy.idempotent || !visit.is_unsafe() {
        return Ok(None);
    }
    let key = match only(req.headers(), &IDEMPOTENCY_KEY) {
        Ok(None) => return Ok(None),
        Ok(Some(key)) if is_key(key) => key.to_owned(),
        Ok(Some(_)) | Err(_) => {
            let detail = "Idempotency-Key is 1 to 255 visible ASCII characters.";
            return Err(Problem::new(Code::BodyMalformed).detail(detail));
        }
    };
    Ok(Some(Once {
        claim: Claim {
            tenant: actor.tenant_id,
            user: actor.user_id,
            route: format!("{} {}", route.method, route.pattern),
            key,
            fingerprint: fingerprint(req, body.bytes()),
            attempt: Uuid::now_v7(),
            at: visit.now,
        },
    }))
}

fn is_key(text: &str) -> bool {
    (1..=KEY_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What makes two requests the same: path, query, the version they update, body.
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

/// What the key says: go ahead (none), or an answer that was given before.
pub(crate) async fn claim(shared: &Shared, once: &Once) -> Result<Option<HttpResponse>, Problem> {
    match idempotency::claim(&shared.config.db, once.claim.clone()).await? {
        Claimed::Mine => Ok(None),
        Claimed::Running => Err(Problem::new(Code::IdempotencyInProgress).retry_after(1)),
        Claimed::Other => Err(Problem::new(Code::IdempotencyMismatch)),
        Claimed::Done(outcome) => Ok(Some(replay(outcome))),
    }
}

fn replay(outcome: Outcome) -> HttpResponse {
    let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::new(status).set_body(BoxBody::new(outcome.body));
    let headers = response.headers_mut();
    for (name, value) in outcome.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        {
            headers.insert(name, value);
        }
    }
    headers.insert(IDEMPOTENCY_REPLAYED.clone(), HeaderValue::from_static("true"));
    response
}

/// Keeps the answer, or gives the key up when the answer should be asked for again.
pub(crate) async fn keep<B: MessageBody + 'static>(
    shared: &Shared,
    once: Once,
    answer: ServiceResponse<B>,
) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    let small =
        matches!(answer.response().body().size(), BodySize::None | BodySize::Sized(0..=KEPT_BYTES));
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || !small {
        give_up(shared, once).await;
        return answer.map_into_boxed_body();
    }
    let (request, response) = answer.into_parts();
    let (response, content) = response.into_parts();
    let Ok(content) = body::to_bytes(content).await else {
        give_up(shared, once).await;
        let problem = Problem::new(Code::Internal);
        return ServiceResponse::new(request, problem.response(None));
    };
    let outcome = Outcome {
        status: status.as_u16(),
        headers: kept_headers(response.headers()),
        body: content.to_vec(),
    };
    if let Err(error) = idempotency::complete(&shared.config.db, once.claim, outcome).await {
        // The effect has happened; the caller must hear so. The claim expires and the use case is
        // idempotent itself.
        log_trouble(&error);
    }
    ServiceResponse::new(request, response.set_body(BoxBody::new(content)))
}

/// Frees the key for another attempt.
pub(crate) async fn give_up(shared: &Shared, once: Once) {
    if let Err(error) = idempotency::release(&shared.config.db, once.claim).await {
        log_trouble(&error);
    }
}

fn log_trouble(error: &bk_persistence::DbError) {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    tracing::warn!(error = text, "an idempotency key could not be settled");
}

/// The headers a replay needs to be the same answer.
fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    [header::CONTENT_TYPE, header::ETAG, header::LOCATION]
        .into_iter()
        .filter_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?.to_owned();
            Some((name.as_str().to_owned(), value))
        })
        .collect()
}
