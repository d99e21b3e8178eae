//! The mailbox of the development server, where invitations arrive after the worker has sent them.

use super::{browser::Browser, failure::Failure, request::Request, wait::wait_for};

/// The mailbox of a development server.
#[derive(Debug)]
pub(super) struct Mailbox {
    url: String,
    browser: Browser,
}

impl Mailbox {
    /// Returns the mailbox of the server at the origin `api`.
    pub(super) fn new(api: &str, browser: Browser) -> Self {
        Self { url: format!("{api}/dev/mail.json"), browser }
    }

    /// Waits for the invitation to `email` and returns its token.
    pub(super) async fn invitation_token(&self, email: &str) -> Result<String, Failure> {
        let what = format!("the invitation to {email} in {}", self.url);
        wait_for(&what, async || {
            let response = self.browser.send(Request::page(&self.url)).await?;
            for mail in response.json()?.list("")? {
                if mail.text("/to")? == email
                    && let Some(token) = token(mail.text("/text")?)
                {
                    return Ok(Some(token.to_owned()));
                }
            }
            Ok(None)
        })
        .await
    }
}

/// Returns the token of an invitation, which has a line of its own.
fn token(text: &str) -> Option<&str> {
    let token = text.lines().find_map(|line| line.strip_prefix("Token: "))?.trim();
    (!token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_on_its_line() {
        let mail =
            "Hello Kim,\n\nhttp://x/accept?token=other\n\nToken: q8cYt3l7\n\nThe link works once.";
        assert_eq!(token(mail), Some("q8cYt3l7"));
        assert_eq!(token("Token: \n"), None);
        assert_eq!(token("Your order is confirmed."), None);
    }
}
