//! The server the week is played against, and what everybody in it shares.

use reqwest::Url;

use super::{
    browser::{Browser, Surface},
    clock::ServerClock,
    failure::Failure,
    mailbox::Mailbox,
};

/// A development server.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) api: String,
    pub(super) password: String,
    pub(super) clock: ServerClock,
    pub(super) mailbox: Mailbox,
}

impl Stage {
    /// The server at `api`.
    pub(super) fn new(api: &str, password: String) -> Result<Self, Failure> {
        let api = origin(api)?;
        // Whose browser opens the development pages does not matter.
        let desk = Browser::new(&api, Surface::Admin)?;
        Ok(Self {
            clock: ServerClock::new(&api, desk.clone()),
            mailbox: Mailbox::new(&api, desk),
            api,
            password,
        })
    }

    /// Somebody's fresh browser.
    pub(super) fn browser(&self, surface: Surface) -> Result<Browser, Failure> {
        Browser::new(&self.api, surface)
    }
}

/// The address of the API: an origin over plain HTTP, which is what development speaks.
fn origin(text: &str) -> Result<String, Failure> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "http" && url.path() == "/" && url.query().is_none());
    url.map(|url| url.origin().ascii_serialization()).ok_or_else(|| {
        Failure::Wrong(format!("--api {text}: write an origin such as http://127.0.0.1:8080"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_named_by_its_origin() {
        assert_eq!(origin("http://127.0.0.1:8080/").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(origin("http://localhost:8080").unwrap(), "http://localhost:8080");
        for bad in ["", "127.0.0.1:8080", "https://api.example.com", "http://localhost/api/v1"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
