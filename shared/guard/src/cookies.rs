//! The cookies of the product: their names per surface and mode, how they are built, and how a
//! request's are read (api page, "Cookies"; controls BR-1).
//!
//! Reading works on the raw header bytes: a cookie counts only under its exact name. A duplicate, or
//! a percent-encoded or other-case spelling of a protected name, is not a cookie of ours but somebody
//! trying to slip one past, so the whole request is refused.

use actix_web::{
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{self, HeaderMap},
};
use bk_kernel::Surface;

use crate::{
    config::Mode,
    csrf::{self, CsrfKey},
};

/// Names and builders of the cookies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cookies {
    mode: Mode,
    key: CsrfKey,
}

/// The two logins a browser can hold at once. `Platform` uses the admin cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Client,
    Admin,
}

impl Door {
    const fn of(surface: Surface) -> Option<Self> {
        match surface {
            Surface::Client => Some(Self::Client),
            Surface::Admin | Surface::Platform => Some(Self::Admin),
            Surface::Site | Surface::Webhook | Surface::Public => None,
        }
    }
}

impl Cookies {
    /// The cookies of a deployment.
    #[must_use]
    pub const fn new(mode: Mode, key: CsrfKey) -> Self {
        Self { mode, key }
    }

    /// The name of a surface's session cookie; `platform` uses the admin cookie, and surfaces
    /// without a login have none.
    #[must_use]
    pub const fn session_name(&self, surface: Surface) -> Option<&'static str> {
        match Door::of(surface) {
            Some(door) => Some(session_name(self.mode, door)),
            None => None,
        }
    }

    /// The name of a surface's CSRF cookie.
    #[must_use]
    pub const fn csrf_name(&self, surface: Surface) -> Option<&'static str> {
        match Door::of(surface) {
            Some(door) => Some(csrf_name(self.mode, door)),
            None => None,
        }
    }

    /// The session token that a request of this surface carries, if any.
    #[must_use]
    pub fn presented_session<'r>(
        &self,
        surface: Surface,
        headers: &'r HeaderMap,
    ) -> Option<&'r str> {
        str::from_utf8(self.read(headers).ok()?.session(surface)?).ok()
    }

    /// The CSRF token that a request of this surface carries, if it was issued for this session.
    #[must_use]
    pub fn presented_csrf<'r>(
        &self,
        surface: Surface,
        headers: &'r HeaderMap,
        token_hash: &[u8; 32],
    ) -> Option<&'r str> {
        let token = self.read(headers).ok()?.csrf(surface)?;
        self.csrf_matches(token_hash, token).then(|| str::from_utf8(token).ok()).flatten()
    }

    /// A CSRF token for the session whose token hashes to `token_hash`: for the CSRF cookie and for
    /// the bodies of login and `me`.
    #[must_use]
    pub fn csrf_token(&self, token_hash: &[u8; 32]) -> String {
        csrf::issue(&self.key, token_hash)
    }

    /// Whether a CSRF token was issued for this session.
    #[must_use]
    pub fn csrf_matches(&self, token_hash: &[u8; 32], token: &[u8]) -> bool {
        csrf::verify(&self.key, token_hash, token)
    }

    /// The session cookie, not readable by scripts.
    #[must_use]
    pub fn session(&self, surface: Surface, token: String, max_age_secs: i64) -> Cookie<'static> {
        let mut cookie = self.build(
            surface,
            self.session_name(surface).unwrap_or_default(),
            token,
            max_age_secs,
        );
        cookie.set_http_only(true);
        cookie
    }

    /// The CSRF cookie, which scripts read to repeat it in `x-csrf-token`.
    #[must_use]
    pub fn csrf(&self, surface: Surface, token: String, max_age_secs: i64) -> Cookie<'static> {
        self.build(surface, self.csrf_name(surface).unwrap_or_default(), token, max_age_secs)
    }

    /// What removes both cookies of a surface.
    #[must_use]
    pub fn removal(&self, surface: Surface) -> [Cookie<'static>; 2] {
        [self.session(surface, String::new(), 0), self.csrf(surface, String::new(), 0)]
    }

    fn build(
        &self,
        surface: Surface,
        name: &'static str,
        value: String,
        max_age_secs: i64,
    ) -> Cookie<'static> {
        let same_site = match Door::of(surface) {
            Some(Door::Client) => SameSite::Lax,
            Some(Door::Admin) | None => SameSite::Strict,
        };
        Cookie::build(name, value)
            .path("/")
            .secure(self.mode == Mode::Production)
            .same_site(same_site)
            .max_age(Duration::seconds(max_age_secs))
            .finish()
    }

    /// Reads the protected cookies of a request.
    pub(crate) fn read<'r>(&self, headers: &'r HeaderMap) -> Result<Presented<'r>, Tampered> {
        let mut found = Presented::default();
        for header in headers.get_all(header::COOKIE) {
            let mut rest = Some(header.as_bytes());
            while let Some(pairs) = rest {
                let (pair, others) = halves(pairs, b';');
                rest = others;
                let (name, value) = halves(pair, b'=');
                let Some(slot) = self.slot(&mut found, name.trim_ascii())? else { continue };
                if slot.replace(value.unwrap_or_default().trim_ascii()).is_some() {
                    return Err(Tampered);
                }
            }
        }
        Ok(found)
    }

    fn slot<'f, 'r>(
        &self,
        found: &'f mut Presented<'r>,
        name: &[u8],
    ) -> Result<Option<&'f mut Option<&'r [u8]>>, Tampered> {
        let mode = self.mode;
        if name == session_name(mode, Door::Client).as_bytes() {
            return Ok(Some(&mut found.client_session));
        }
        if name == csrf_name(mode, Door::Client).as_bytes() {
            return Ok(Some(&mut found.client_csrf));
        }
        if name == session_name(mode, Door::Admin).as_bytes() {
            return Ok(Some(&mut found.admin_session));
        }
        if name == csrf_name(mode, Door::Admin).as_bytes() {
            return Ok(Some(&mut found.admin_csrf));
        }
        if is_alias(mode, name) { Err(Tampered) } else { Ok(None) }
    }
}

/// The protected cookies a request carries, raw.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Presented<'r> {
    client_session: Option<&'r [u8]>,
    client_csrf: Option<&'r [u8]>,
    admin_session: Option<&'r [u8]>,
    admin_csrf: Option<&'r [u8]>,
}

impl<'r> Presented<'r> {
    /// The session token for a surface.
    pub(crate) const fn session(&self, surface: Surface) -> Option<&'r [u8]> {
        match Door::of(surface) {
            Some(Door::Client) => self.client_session,
            Some(Door::Admin) => self.admin_session,
            None => None,
        }
    }

    /// The CSRF token for a surface.
    pub(crate) const fn csrf(&self, surface: Surface) -> Option<&'r [u8]> {
        match Door::of(surface) {
            Some(Door::Client) => self.client_csrf,
            Some(Door::Admin) => self.admin_csrf,
            None => None,
        }
    }

    /// Whether any session cookie came along.
    pub(crate) const fn any_session(&self) -> bool {
        matches!(self.client_session, Some([_, ..])) || matches!(self.admin_session, Some([_, ..]))
    }
}

/// The cookie header was tampered with: a duplicate or an alias of a protected name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tampered;

const fn session_name(mode: Mode, door: Door) -> &'static str {
    match (mode, door) {
        (Mode::Development, Door::Client) => "bk_client_session",
        (Mode::Development, Door::Admin) => "bk_admin_session",
        (Mode::Production, Door::Client) => "__Host-bk_client_session",
        (Mode::Production, Door::Admin) => "__Host-bk_admin_session",
    }
}

const fn csrf_name(mode: Mode, door: Door) -> &'static str {
    match (mode, door) {
        (Mode::Development, Door::Client) => "bk_client_csrf",
        (Mode::Development, Door::Admin) => "bk_admin_csrf",
        (Mode::Production, Door::Client) => "__Host-bk_client_csrf",
        (Mode::Production, Door::Admin) => "__Host-bk_admin_csrf",
    }
}

/// What stands before the first `separator`, and what behind it if there is one.
fn halves(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    let split = memchr::memchr(separator, text).and_then(|at| text.split_at_checked(at));
    split.map_or((text, None), |(before, rest)| (before, rest.get(1..)))
}

/// Whether a name that is none of ours becomes one when percent-decoded (repeatedly) and compared
/// without regard to case, as sloppier readers do.
fn is_alias(mode: Mode, name: &[u8]) -> bool {
    let mut plain = name.to_ascii_lowercase();
    while let Some(decoded) = percent_decode(&plain) {
        plain = decoded.trim_ascii().to_ascii_lowercase();
    }
    [Door::Client, Door::Admin].into_iter().any(|door| {
        plain.eq_ignore_ascii_case(session_name(mode, door).as_bytes())
            || plain.eq_ignore_ascii_case(csrf_name(mode, door).as_bytes())
    })
}

/// One round of percent-decoding; none when there is nothing to decode. Each round shortens the text.
fn percent_decode(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let (mut at, mut changed) = (0, false);
    while let Some(&byte) = text.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
            at += 3;
            changed = true;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    changed.then_some(decoded)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn cookies(mode: Mode) -> Cookies {
        Cookies::new(mode, CsrfKey::new([3; 32]))
    }

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for line in lines {
            map.append(header::COOKIE, HeaderValue::from_static(line));
        }
        map
    }

    #[test]
    fn a_cookie_counts_under_its_exact_name_only() {
        let map = headers(&["a=1; bk_client_session=tok; bk_client_csrf=c=d;b=2"]);
        let found = cookies(Mode::Development).read(&map).unwrap();
        assert_eq!(found.session(Surface::Client), Some(b"tok".as_slice()));
        assert_eq!(found.csrf(Surface::Client), Some(b"c=d".as_slice()));
        assert_eq!(found.session(Surface::Admin), None);
    }

    #[test]
    fn production_ignores_names_without_the_host_prefix() {
        let map = headers(&["bk_client_session=tok"]);
        let found = cookies(Mode::Production).read(&map).unwrap();
        assert!(!found.any_session());
        let map = headers(&["__Host-bk_admin_session=tok"]);
        let found = cookies(Mode::Production).read(&map).unwrap();
        assert_eq!(found.session(Surface::Platform), Some(b"tok".as_slice()));
    }

    #[test]
    fn duplicates_are_refused_even_in_two_headers() {
        let development = cookies(Mode::Development);
        assert!(development.read(&headers(&["bk_admin_session=a; bk_admin_session=a"])).is_err());
        assert!(development.read(&headers(&["bk_client_csrf=a", "bk_client_csrf=b"])).is_err());
    }

    #[test]
    fn aliases_of_protected_names_are_refused() {
        let development = cookies(Mode::Development);
        for line in [
            "bk%5Fclient_session=a",
            "BK_CLIENT_SESSION=a",
            "bk%255Fadmin_csrf=a",
            "x=1; %62k_admin_session=a",
            "%20bk_admin_session=a",
        ] {
            assert_eq!(development.read(&headers(&[line])).unwrap_err(), Tampered, "{line}");
        }
        let production = cookies(Mode::Production);
        for line in ["__host-bk_client_session=a", "%5F_Host-bk_client_session=a"] {
            assert_eq!(production.read(&headers(&[line])).unwrap_err(), Tampered, "{line}");
        }
    }

    #[test]
    fn session_cookies_are_closed_to_scripts_and_csrf_cookies_are_not() {
        let production = cookies(Mode::Production);
        assert_eq!(
            production.session(Surface::Admin, "t".to_owned(), 60).to_string(),
            "__Host-bk_admin_session=t; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60"
        );
        assert_eq!(
            production.csrf(Surface::Client, "c".to_owned(), 60).to_string(),
            "__Host-bk_client_csrf=c; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        let [session, csrf] = cookies(Mode::Development).removal(Surface::Client);
        assert!(session.to_string().starts_with("bk_client_session=;"));
        assert!(csrf.to_string().contains("Max-Age=0"));
        assert_ne!(session.secure(), Some(true));
    }
}
