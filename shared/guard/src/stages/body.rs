//! Stage 4: the body. Its type must be one the route reads, its size within the route's limit, and
//! all of it must arrive in time (docs/controls.md, IN-2, AB-4). It is read once, here.

use std::time::Duration;

use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    http::header::{self, HeaderMap},
    mime::Mime,
    web::{Bytes, BytesMut},
};
use bk_kernel::Code;
use futures::StreamExt;

use super::{Refusal, single_value};
use crate::{Policy, Problem};

/// How long a whole body may take.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that are allocated before the length of a body is known.
const INITIAL_CAPACITY_BYTES: usize = 8 * 1024;

/// A body that was read.
pub(crate) struct RequestBody(Bytes);

impl RequestBody {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Puts the body back into the request, for the extractors of actix, and returns it for ours.
    pub(crate) fn restore_payload(self, req: &mut ServiceRequest) -> Bytes {
        if self.0.is_empty() {
            req.set_payload(Payload::None);
        } else {
            req.set_payload(Payload::from(self.0.clone()));
        }
        self.0
    }
}

/// Reads the body within the limits of the policy.
///
/// Fails with [`Code::UnsupportedMediaType`], [`Code::PayloadTooLarge`] or [`Code::BodyMalformed`].
pub(crate) async fn read(
    req: &mut ServiceRequest,
    policy: &Policy,
) -> Result<RequestBody, Refusal> {
    let payload = req.take_payload();
    if matches!(payload, Payload::None) {
        return Ok(RequestBody(Bytes::new()));
    }
    let announced = announced(req.headers())?;
    if announced == Announced::Bytes(0) {
        return Ok(RequestBody(Bytes::new()));
    }
    if announced != Announced::Nothing && !is_accepted(req.headers(), policy) {
        return Err(refuse(Code::UnsupportedMediaType));
    }
    if matches!(announced, Announced::Bytes(length) if length > policy.body_limit_bytes) {
        return Err(refuse(Code::PayloadTooLarge));
    }
    let body = tokio::time::timeout(BODY_TIMEOUT, collect(payload, policy.body_limit_bytes)).await;
    let Ok(body) = body else {
        let problem = Problem::new(Code::BodyMalformed).detail("The body took too long.");
        return Err(Refusal { close_connection: true, ..problem.into() });
    };
    let body = body?;
    // Over HTTP/2 a body need not announce itself.
    if announced == Announced::Nothing && !body.is_empty() && !is_accepted(req.headers(), policy) {
        return Err(refuse(Code::UnsupportedMediaType));
    }
    Ok(RequestBody(body))
}

async fn collect(mut payload: Payload, limit_bytes: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            let problem = Problem::new(Code::BodyMalformed).detail("The body could not be read.");
            Refusal { close_connection: true, ..problem.into() }
        })?;
        if body.len() + chunk.len() > limit_bytes {
            return Err(refuse(Code::PayloadTooLarge));
        }
        if body.is_empty() {
            body.reserve(chunk.len().max(INITIAL_CAPACITY_BYTES.min(limit_bytes)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What the headers say of the body's length.
#[derive(PartialEq, Eq)]
enum Announced {
    Nothing,
    Bytes(usize),
    Chunks,
}

fn announced(headers: &HeaderMap) -> Result<Announced, Refusal> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Ok(Announced::Chunks);
    }
    match single_value(headers, &header::CONTENT_LENGTH) {
        Ok(None) => Ok(Announced::Nothing),
        Ok(Some(text)) => {
            text.trim().parse().map(Announced::Bytes).map_err(|_| refuse(Code::BodyMalformed))
        }
        Err(_) => Err(refuse(Code::BodyMalformed)),
    }
}

/// Whether the content type, without its parameters, is one that the route accepts. Compressed bodies
/// are accepted nowhere.
fn is_accepted(headers: &HeaderMap, policy: &Policy) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    let Ok(Some(sent)) = single_value(headers, &header::CONTENT_TYPE) else { return false };
    let Ok(sent) = sent.parse::<Mime>() else { return false };
    policy.content_types.iter().any(|accepted| *accepted == sent.essence_str())
}

/// A refusal that closes the connection, since the rest of the body is not read.
fn refuse(code: Code) -> Refusal {
    Refusal { close_connection: true, ..code.into() }
}

#[cfg(test)]
mod tests {
    use actix_web::{error::PayloadError, test::TestRequest};
    use futures::{Stream, stream};

    use super::*;

    async fn refusal_of<S>(chunks: S) -> Refusal
    where
        S: Stream<Item = Result<Bytes, PayloadError>> + 'static,
    {
        let mut req = TestRequest::post()
            .insert_header(("content-type", "application/json"))
            .insert_header(("transfer-encoding", "chunked"))
            .to_srv_request();
        req.set_payload(Payload::Stream { payload: Box::pin(chunks) });
        let policy = Policy::before_login(bk_kernel::Surface::Client).body_limit(100);
        read(&mut req, &policy).await.err().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_cut_at_the_deadline_and_the_connection_closed() {
        let started = tokio::time::Instant::now();
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(900)).await;
            Some((Ok(Bytes::from_static(b"x")), ()))
        });
        let refusal = refusal_of(trickle).await;
        assert_eq!(refusal.problem.code(), Code::BodyMalformed);
        assert!(refusal.close_connection);
        assert_eq!(started.elapsed(), BODY_TIMEOUT);
    }

    #[tokio::test]
    async fn an_endless_chunked_body_is_cut_at_the_limit() {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(b"0123456789")));
        let refusal = refusal_of(endless).await;
        assert_eq!(refusal.problem.code(), Code::PayloadTooLarge);
        assert!(refusal.close_connection);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_malformed() {
        let incomplete = stream::iter([Err(PayloadError::Incomplete(None))]);
        assert_eq!(refusal_of(incomplete).await.problem.code(), Code::BodyMalformed);
    }
}
