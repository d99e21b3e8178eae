//! Stage 1: the request id, the caller's address, and the route.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};

use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use bk_kernel::{Code, RequestId};
use uuid::Uuid;

use super::{Refusal, single_value};
use crate::{Problem, guard::Shared, matcher::Route, request_state::RequestState};

pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What a request asks for.
pub(crate) enum Target<'s> {
    Route(&'s Route),
    Preflight,
}

/// What is known of a request on arrival.
pub(crate) fn request_state(shared: &Shared, req: &ServiceRequest) -> RequestState {
    let peer = req.peer_addr().map(|address| address.ip().to_canonical());
    let proxied = peer.is_some_and(|peer| shared.trusts(peer));
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let headers = req.headers();
    let client_ip = if proxied { forwarded_ip(shared, headers, peer) } else { peer };
    RequestState {
        request_id: request_id(headers),
        started: Instant::now(),
        at: shared.config.clock.now(),
        client_ip,
        secure: req.app_config().secure() || (proxied && forwarded_tls(headers)),
        method: req.method().clone(),
        route: None,
        surface: None,
        origin: None,
        cors: None,
        rate_limits: [None, None],
        actor: None,
        session: None,
        code: None,
    }
}

/// Finds the route.
///
/// Fails with [`Code::NotFound`] when no route has the path, and with [`Code::MethodNotAllowed`] and an
/// `Allow` header when none of those has the method.
pub(crate) fn route<'s>(
    shared: &'s Shared,
    state: &mut RequestState,
    req: &ServiceRequest,
) -> Result<Target<'s>, Refusal> {
    let path = req.match_info().as_str();
    if let Some(index) = shared.routes.find(&state.method, path)
        && let Some(route) = shared.routes.get(index)
    {
        state.route = Some(index);
        state.surface = Some(route.policy.surface);
        return Ok(Target::Route(route));
    }
    let others = shared.routes.on_path(path);
    let Some(first) = others.first() else { return Err(Code::NotFound.into()) };
    state.surface = Some(first.policy.surface);
    if state.method == Method::OPTIONS
        && req.headers().contains_key(header::ORIGIN)
        && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        return Ok(Target::Preflight);
    }
    Err(Refusal {
        header: Some(Box::new((header::ALLOW, method_list(&others)))),
        ..Problem::new(Code::MethodNotAllowed).into()
    })
}

/// The methods of some routes, as `Allow` and `Access-Control-Allow-Methods` list them: `GET, POST`.
pub(crate) fn method_list(routes: &[&Route]) -> HeaderValue {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

/// The caller's id of the request when it is a hyphenated UUID, or else a fresh one.
fn request_id(headers: &HeaderMap) -> RequestId {
    single_value(headers, &X_REQUEST_ID)
        .ok()
        .flatten()
        .filter(|text| text.len() == uuid::fmt::Hyphenated::LENGTH)
        .and_then(|text| Uuid::try_parse(text).ok())
        .filter(|id| !id.is_nil())
        .map_or_else(RequestId::new, RequestId::from)
}

/// The rightmost address that is not a trusted proxy. When the two headers disagree, one of them was
/// passed through from the caller, so neither is believed.
fn forwarded_ip(shared: &Shared, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let plain = rightmost(shared, headers, &X_FORWARDED_FOR, parse_address);
    let standard = rightmost(shared, headers, &header::FORWARDED, forwarded_for);
    match (plain, standard) {
        (Some(plain), Some(standard)) if plain != standard => peer,
        (Some(ip), _) | (None, Some(ip)) => ip,
        (None, None) => peer,
    }
}

fn rightmost(
    shared: &Shared,
    headers: &HeaderMap,
    name: &HeaderName,
    parse: fn(&str) -> Option<IpAddr>,
) -> Option<IpAddr> {
    let values: Vec<&HeaderValue> = headers.get_all(name).collect();
    let mut nearest_proxy = None;
    for value in values.into_iter().rev() {
        for hop in value.to_str().ok()?.rsplit(',') {
            // Nothing to the left of an unreadable hop can be trusted.
            let Some(ip) = parse(hop.trim()) else { return nearest_proxy };
            if !shared.trusts(ip) {
                return Some(ip);
            }
            nearest_proxy = Some(ip);
        }
    }
    nearest_proxy
}

/// Parses an address, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
/// `[2001:db8::1]:80`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let ip = text.parse::<IpAddr>().ok().or_else(|| {
        let bare = text.strip_prefix('[')?.split(']').next()?;
        bare.parse().ok()
    });
    ip.or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
        .map(|ip| ip.to_canonical())
}

/// Parses the address of a `Forwarded` element: `for=192.0.2.1;proto=https` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| parse_address(value.trim())).flatten()
    })
}

/// Whether the nearest proxy says that it was called over TLS.
fn forwarded_tls(headers: &HeaderMap) -> bool {
    headers
        .get_all(&X_FORWARDED_PROTO)
        .last()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next())
        .is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}
