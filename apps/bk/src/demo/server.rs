//! The development server that the demo runs against.

use reqwest::Url;

use super::{
    browser::{Browser, Surface},
    clock::ServerClock,
    failure::Failure,
    mailbox::Mailbox,
};

/// A development server with its clock and its mailbox.
#[derive(Debug)]
pub(super) struct DevServer {
    /// Origin of the API.
    pub(super) api: String,
    /// Password of every user.
    pub(super) password: String,
    pub(super) clock: ServerClock,
    pub(super) mailbox: Mailbox,
}

impl DevServer {
    /// Returns the server at `api`. Fails when `api` is not an `http` origin.
    pub(super) fn new(api: &str, password: String) -> Result<Self, Failure> {
        let api = parse_origin(api)?;
        // The development pages need no login, so any browser will do.
        let browser = Browser::new(&api, Surface::Admin)?;
        Ok(Self {
            clock: ServerClock::new(&api, browser.clone()),
            mailbox: Mailbox::new(&api, browser),
            api,
            password,
        })
    }

    /// Returns a new browser for a surface.
    pub(super) fn new_browser(&self, surface: Surface) -> Result<Browser, Failure> {
        Browser::new(&self.api, surface)
    }
}

/// Parses the address of the API: an origin with the scheme `http`, because development has no TLS.
fn parse_origin(text: &str) -> Result<String, Failure> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "http" && url.path() == "/" && url.query().is_none());
    url.map(|url| url.origin().ascii_serialization())
        .ok_or_else(|| Failure::InvalidAddress(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_path_or_another_scheme_is_rejected() {
        assert_eq!(parse_origin("http://127.0.0.1:8080/").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(parse_origin("http://localhost:8080").unwrap(), "http://localhost:8080");
        for invalid in ["", "127.0.0.1:8080", "https://api.example.com", "http://localhost/api/v1"]
        {
            assert!(parse_origin(invalid).is_err(), "{invalid}");
        }
    }
}
