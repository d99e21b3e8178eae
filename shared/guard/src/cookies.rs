//! The cookies of the product: their names per surface and environment, how they are written, and how
//! those of a request are read (docs/http.md, "Cookies"; docs/controls.md, BR-1).
//!
//! A cookie counts only when its name, as sent, is byte for byte one of ours. A name that occurs twice,
//! and one that becomes ours when it is percent-decoded or compared without regard to case, is an
//! attempt to smuggle a cookie past a reader that is less strict; such a request is refused whole.

use std::borrow::Cow;

use actix_web::{
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{self, HeaderMap},
};
use bk_kernel::{Environment, Surface};
use percent_encoding::percent_decode;

use crate::csrf::{self, CsrfKey};

/// Names and writers of the cookies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cookies {
    environment: Environment,
    key: CsrfKey,
}

/// The surfaces that a browser can be logged in to at once. Operators use the cookies of `admin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoginSurface {
    Client,
    Admin,
}

impl LoginSurface {
    const ALL: [Self; 2] = [Self::Client, Self::Admin];

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
    pub const fn new(environment: Environment, key: CsrfKey) -> Self {
        Self { environment, key }
    }

    /// The name of a surface's session cookie. Operators use that of `admin`; surfaces without a login
    /// have none.
    #[must_use]
    pub const fn session_name(&self, surface: Surface) -> Option<&'static str> {
        match LoginSurface::of(surface) {
            Some(login) => Some(session_name(self.environment, login)),
            None => None,
        }
    }

    /// The name of a surface's CSRF cookie. Operators use that of `admin`; surfaces without a login have
    /// none.
    #[must_use]
    pub const fn csrf_name(&self, surface: Surface) -> Option<&'static str> {
        match LoginSurface::of(surface) {
            Some(login) => Some(csrf_name(self.environment, login)),
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
        self.parse(headers).ok()?.session(surface)
    }

    /// The CSRF token that a request of this surface carries, if it was issued for this session.
    #[must_use]
    pub fn presented_csrf<'r>(
        &self,
        surface: Surface,
        headers: &'r HeaderMap,
        token_hash: &[u8; 32],
    ) -> Option<&'r str> {
        let token = self.parse(headers).ok()?.csrf(surface)?;
        self.csrf_matches(token_hash, token.as_bytes()).then_some(token)
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

    /// The session cookie, which scripts cannot read.
    #[must_use]
    pub fn session(&self, surface: Surface, token: String, max_age_secs: i64) -> Cookie<'static> {
        let name = self.session_name(surface).unwrap_or_default();
        let mut cookie = self.build(surface, name, token, max_age_secs);
        cookie.set_http_only(true);
        cookie
    }

    /// The CSRF cookie, which scripts read to repeat it in `x-csrf-token`.
    #[must_use]
    pub fn csrf(&self, surface: Surface, token: String, max_age_secs: i64) -> Cookie<'static> {
        self.build(surface, self.csrf_name(surface).unwrap_or_default(), token, max_age_secs)
    }

    /// The cookies that make a browser delete both cookies of a surface.
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
        let same_site = match LoginSurface::of(surface) {
            Some(LoginSurface::Client) => SameSite::Lax,
            Some(LoginSurface::Admin) | None => SameSite::Strict,
        };
        Cookie::build(name, value)
            .path("/")
            .secure(self.environment.is_production())
            .same_site(same_site)
            .max_age(Duration::seconds(max_age_secs))
            .finish()
    }

    /// The cookies of ours that a request carries.
    ///
    /// Fails with [`Tampered`] when a name of ours occurs twice, in another spelling, or with something
    /// that is no cookie.
    pub(crate) fn parse<'r>(
        &self,
        headers: &'r HeaderMap,
    ) -> Result<PresentedCookies<'r>, Tampered> {
        let mut found = PresentedCookies::default();
        let lines = headers.get_all(header::COOKIE);
        for pair in lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')) {
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
            let Some(slot) = self.slot(&mut found, name) else {
                if self.is_alias(name) {
                    return Err(Tampered);
                }
                continue;
            };
            let pair = str::from_utf8(pair).map_err(|_| Tampered)?;
            let cookie = Cookie::parse(pair).map_err(|_| Tampered)?;
            if slot.replace(cookie.value_raw().ok_or(Tampered)?).is_some() {
                return Err(Tampered);
            }
        }
        Ok(found)
    }

    /// Where the value of the cookie with this name belongs, if it is one of ours.
    fn slot<'f, 'r>(
        &self,
        found: &'f mut PresentedCookies<'r>,
        name: &[u8],
    ) -> Option<&'f mut Option<&'r str>> {
        let environment = self.environment;
        for (login, pair) in
            [(LoginSurface::Client, &mut found.client), (LoginSurface::Admin, &mut found.admin)]
        {
            if name == session_name(environment, login).as_bytes() {
                return Some(&mut pair.session);
            }
            if name == csrf_name(environment, login).as_bytes() {
                return Some(&mut pair.csrf);
            }
        }
        None
    }

    /// Whether a name that is none of ours becomes one when percent-decoded (repeatedly) and compared
    /// without regard to case, as less strict readers do.
    fn is_alias(&self, name: &[u8]) -> bool {
        let mut plain = Cow::Borrowed(name);
        // Each round shortens the name.
        while let Some(decoded) = decoded_once(&plain) {
            plain = Cow::Owned(decoded);
        }
        LoginSurface::ALL.into_iter().any(|login| {
            plain.eq_ignore_ascii_case(session_name(self.environment, login).as_bytes())
                || plain.eq_ignore_ascii_case(csrf_name(self.environment, login).as_bytes())
        })
    }
}

/// One round of percent-decoding; none when there is nothing to decode.
fn decoded_once(name: &[u8]) -> Option<Vec<u8>> {
    match Cow::from(percent_decode(name)) {
        Cow::Owned(decoded) => Some(decoded.trim_ascii().to_vec()),
        Cow::Borrowed(_) => None,
    }
}

/// The values of our cookies in a request, as sent.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct PresentedCookies<'r> {
    client: CookiePair<'r>,
    admin: CookiePair<'r>,
}

/// The cookies of one login.
#[derive(Debug, Default, Clone, Copy)]
struct CookiePair<'r> {
    session: Option<&'r str>,
    csrf: Option<&'r str>,
}

impl<'r> PresentedCookies<'r> {
    /// The session token for a surface.
    pub(crate) fn session(&self, surface: Surface) -> Option<&'r str> {
        self.pair(surface)?.session
    }

    /// The CSRF token for a surface.
    pub(crate) fn csrf(&self, surface: Surface) -> Option<&'r str> {
        self.pair(surface)?.csrf
    }

    /// Whether there is a session token of any surface.
    pub(crate) fn any_session(&self) -> bool {
        let sessions = [self.client.session, self.admin.session];
        sessions.into_iter().flatten().any(|token| !token.is_empty())
    }

    fn pair(&self, surface: Surface) -> Option<&CookiePair<'r>> {
        LoginSurface::of(surface).map(|login| match login {
            LoginSurface::Client => &self.client,
            LoginSurface::Admin => &self.admin,
        })
    }
}

/// The cookie header was tampered with: a name of ours occurs twice or in another spelling.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tampered;

const fn session_name(environment: Environment, login: LoginSurface) -> &'static str {
    match (environment.is_production(), login) {
        (false, LoginSurface::Client) => "bk_client_session",
        (false, LoginSurface::Admin) => "bk_admin_session",
        (true, LoginSurface::Client) => "__Host-bk_client_session",
        (true, LoginSurface::Admin) => "__Host-bk_admin_session",
    }
}

const fn csrf_name(environment: Environment, login: LoginSurface) -> &'static str {
    match (environment.is_production(), login) {
        (false, LoginSurface::Client) => "bk_client_csrf",
        (false, LoginSurface::Admin) => "bk_admin_csrf",
        (true, LoginSurface::Client) => "__Host-bk_client_csrf",
        (true, LoginSurface::Admin) => "__Host-bk_admin_csrf",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn cookies(environment: Environment) -> Cookies {
        Cookies::new(environment, CsrfKey::new([3; 32]))
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
        let found = cookies(Environment::Development).parse(&map).unwrap();
        assert_eq!(found.session(Surface::Client), Some("tok"));
        assert_eq!(found.csrf(Surface::Client), Some("c=d"));
        assert_eq!(found.session(Surface::Admin), None);
    }

    #[test]
    fn production_ignores_names_without_the_host_prefix() {
        let map = headers(&["bk_client_session=tok"]);
        let found = cookies(Environment::Production).parse(&map).unwrap();
        assert!(!found.any_session());
        let map = headers(&["__Host-bk_admin_session=tok"]);
        let found = cookies(Environment::Production).parse(&map).unwrap();
        assert_eq!(found.session(Surface::Platform), Some("tok"));
    }

    #[test]
    fn duplicates_are_refused_even_in_two_headers() {
        let development = cookies(Environment::Development);
        assert!(development.parse(&headers(&["bk_admin_session=a; bk_admin_session=a"])).is_err());
        assert!(development.parse(&headers(&["bk_client_csrf=a", "bk_client_csrf=b"])).is_err());
    }

    #[test]
    fn a_name_of_ours_without_a_readable_value_is_refused() {
        let development = cookies(Environment::Development);
        let no_pair = headers(&["bk_client_session; bk_client_session=a"]);
        assert_eq!(development.parse(&no_pair).unwrap_err(), Tampered);
        let mut map = HeaderMap::new();
        let no_text = HeaderValue::from_bytes(b"a=\xff; bk_client_session=\xff").unwrap();
        map.append(header::COOKIE, no_text);
        assert_eq!(development.parse(&map).unwrap_err(), Tampered);
        let mut map = HeaderMap::new();
        let others = HeaderValue::from_bytes(b"a=\xff; \xff=b; =; bk_client_session=a").unwrap();
        map.append(header::COOKIE, others);
        assert_eq!(development.parse(&map).unwrap().session(Surface::Client), Some("a"));
    }

    #[test]
    fn aliases_of_protected_names_are_refused() {
        let development = cookies(Environment::Development);
        for line in [
            "bk%5Fclient_session=a",
            "BK_CLIENT_SESSION=a",
            "bk%255Fadmin_csrf=a",
            "x=1; %62k_admin_session=a",
            "%20bk_admin_session=a",
        ] {
            assert_eq!(development.parse(&headers(&[line])).unwrap_err(), Tampered, "{line}");
        }
        let production = cookies(Environment::Production);
        for line in ["__host-bk_client_session=a", "%5F_Host-bk_client_session=a"] {
            assert_eq!(production.parse(&headers(&[line])).unwrap_err(), Tampered, "{line}");
        }
    }

    #[test]
    fn session_cookies_are_closed_to_scripts_and_csrf_cookies_are_not() {
        let production = cookies(Environment::Production);
        assert_eq!(
            production.session(Surface::Admin, "t".to_owned(), 60).to_string(),
            "__Host-bk_admin_session=t; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60"
        );
        assert_eq!(
            production.csrf(Surface::Client, "c".to_owned(), 60).to_string(),
            "__Host-bk_client_csrf=c; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        let [session, csrf] = cookies(Environment::Development).removal(Surface::Client);
        assert!(session.to_string().starts_with("bk_client_session=;"));
        assert!(csrf.to_string().contains("Max-Age=0"));
        assert_ne!(session.secure(), Some(true));
    }
}
