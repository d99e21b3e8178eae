//! Stage 1: request id, the caller's address, and which route is meant.

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

use super::{Refusal, only};
use crate::{Problem, guard::Shared, matcher::Route, visit::Visit};

pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What a request is after.
pub(crate) enum Target<'s> {
    Route(&'s Route),
    Preflight,
}

/// The first facts of a request.
pub(crate) fn visit(shared: &Shared, req: &ServiceRequest) -> Visit {
    let peer = req.peer_addr().map(|address| address.ip().to_canonical());
    let proxied = peer.is_some_and(|peer| shared.trusts(peer));
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let headers = req.headers();
    let client_ip = if proxied { forwarded_ip(shared, headers, peer) } else { peer };
    Visit {
        request_id: request_id(headers),
        started: Instant::now(),
        now: shared.config.clock.now(),
        client_ip,
        secure: req.app_config().secure() || (proxied && forwarded_tls(headers)),
        method: req.method().clone(),
        route: None,
        surface: None,
        origin: None,
        cors: None,
        rates: [None, None],
        actor: None,
        session: None,
        code: None,
    }
}

/// The route, or why there is none.
pub(crate) fn route<'s>(
    shared: &'s Shared,
    visit: &mut Visit,
    req: &ServiceRequest,
) -> Result<Target<'s>, Refusal> {
    let path = req.match_info().as_str();
    if let Some(index) = shared.routes.find(&visit.method, path)
        && let Some(route) = shared.routes.get(index)
    {
        visit.route = Some(index);
        visit.surface = Some(route.policy.surface);
        return Ok(Target::Route(route));
    }
    let others = shared.routes.on_path(path);
    let Some(first) = others.first() else { return Err(Code::NotFound.into()) };
    visit.surface = Some(first.policy.surface);
    if visit.method == Method::OPTIONS
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

/// `GET, POST`, for `Allow` and `Access-Control-Allow-Methods`.
pub(crate) fn method_list(routes: &[&Route]) -> HeaderValue {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

/// The caller's UUID when it is one, in the usual hyphenated form; a fresh one otherwise.
fn request_id(headers: &HeaderMap) -> RequestId {
    only(headers, &X_REQUEST_ID)
        .ok()
        .flatten()
        .filter(|text| text.len() == uuid::fmt::Hyphenated::LENGTH)
        .and_then(|text| Uuid::try_parse(text).ok())
        .filter(|id| !id.is_nil())
        .map_or_else(RequestId::new, RequestId::from)
}

/// The rightmost address that is not a trusted proxy. Two headers that disagree prove that one of
/// them was passed through from the caller, so then neither is believed.
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
            // What cannot be read hides everything to its left.
            let Some(ip) = parse(hop.trim()) else { return nearest_proxy };
            if !shared.trusts(ip) {
                return Some(ip);
            }
            nearest_proxy = Some(ip);
        }
    }
    nearest_proxy
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let ip = text.parse::<IpAddr>().ok().or_else(|| {
        let bare = text.strip_prefix('[')?.split(']').next()?;
        bare.parse().ok()
    });
    ip.or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
        .map(|ip| ip.to_canonical())
}

/// `for=192.0.2.1;proto=https` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| parse_address(value.trim())).flatten()
    })
}

/// What the nearest proxy says of the connection it took.
fn forwarded_tls(headers: &HeaderMap) -> bool {
    headers
        .get_all(&X_FORWARDED_PROTO)
        .last()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next())
        .is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}
