//! Stage 4: the body. Its type must be one the route reads, its size within the route's limit, and
//! all of it must arrive in time (controls IN-2, AB-4). It is read once, here.

use std::time::Duration;

use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    http::header::{self, HeaderMap},
    web::{Bytes, BytesMut},
};
use bk_kernel::Code;
use futures::StreamExt;

use super::{Refusal, only};
use crate::{Policy, Problem};

/// How long a whole body may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// Room made at once; more as it comes.
const FIRST_BYTES: usize = 8 * 1024;

/// A body that was read.
pub(crate) struct Read(Bytes);

impl Read {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Gives it back to the request, for the extractors of others, and to the caller, for ours.
    pub(crate) fn hand_on(self, req: &mut ServiceRequest) -> Bytes {
        if self.0.is_empty() {
            req.set_payload(Payload::None);
        } else {
            req.set_payload(Payload::from(self.0.clone()));
        }
        self.0
    }
}

/// Reads the body within the policy.
pub(crate) async fn read(req: &mut ServiceRequest, policy: &Policy) -> Result<Read, Refusal> {
    let payload = req.take_payload();
    if matches!(payload, Payload::None) {
        return Ok(Read(Bytes::new()));
    }
    let announced = announced(req.headers())?;
    if announced == Announced::Bytes(0) {
        return Ok(Read(Bytes::new()));
    }
    if announced != Announced::Nothing && !is_readable(req.headers(), policy) {
        return Err(refuse(Code::UnsupportedMediaType));
    }
    if matches!(announced, Announced::Bytes(length) if length > policy.body_limit_bytes) {
        return Err(refuse(Code::PayloadTooLarge));
    }
    let body = tokio::time::timeout(DEADLINE, collect(payload, policy.body_limit_bytes)).await;
    let Ok(body) = body else {
        let problem = Problem::new(Code::BodyMalformed).detail("The body took too long.");
        return Err(Refusal { hang_up: true, ..problem.into() });
    };
    let body = body?;
    // Over HTTP/2 a body need not announce itself.
    if announced == Announced::Nothing && !body.is_empty() && !is_readable(req.headers(), policy) {
        return Err(refuse(Code::UnsupportedMediaType));
    }
    Ok(Read(body))
}

async fn collect(mut payload: Payload, limit_bytes: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            let problem = Problem::new(Code::BodyMalformed).detail("The body could not be read.");
            Refusal { hang_up: true, ..problem.into() }
        })?;
        if body.len() + chunk.len() > limit_bytes {
            return Err(refuse(Code::PayloadTooLarge));
        }
        if body.is_empty() {
            body.reserve(chunk.len().max(FIRST_BYTES.min(limit_bytes)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

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
    match only(headers, &header::CONTENT_LENGTH) {
        Ok(None) => Ok(Announced::Nothing),
        Ok(Some(text)) => {
            text.trim().parse().map(Announced::Bytes).map_err(|_| refuse(Code::BodyMalformed))
        }
        Err(_) => Err(refuse(Code::BodyMalformed)),
    }
}

/// Whether the content type, without its parameters, is one the route reads. Nothing here reads
/// compressed bodies.
fn is_readable(headers: &HeaderMap, policy: &Policy) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    let Ok(Some(sent)) = only(headers, &header::CONTENT_TYPE) else { return false };
    let essence = sent.split(';').next().unwrap_or_default().trim();
    policy.content_types.iter().any(|read| read.eq_ignore_ascii_case(essence))
}

/// Refuses without reading what follows.
fn refuse(code: Code) -> Refusal {
    Refusal { hang_up: true, ..code.into() }
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
        assert!(refusal.hang_up);
        assert_eq!(started.elapsed(), DEADLINE);
    }

    #[tokio::test]
    async fn an_endless_chunked_body_is_cut_at_the_limit() {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(b"0123456789")));
        let refusal = refusal_of(endless).await;
        assert_eq!(refusal.problem.code(), Code::PayloadTooLarge);
        assert!(refusal.hang_up);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_malformed() {
        let broken = stream::iter([Err(PayloadError::Incomplete(None))]);
        assert_eq!(refusal_of(broken).await.problem.code(), Code::BodyMalformed);
    }
}
