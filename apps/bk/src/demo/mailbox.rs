//! The development mailbox, where invitations arrive once the worker has sent them.

use super::{ask::Ask, browser::Browser, failure::Failure, wait::wait_for};

/// The mailbox of the server.
#[derive(Debug)]
pub(super) struct Mailbox {
    url: String,
    desk: Browser,
}

impl Mailbox {
    /// The mailbox of the server at `api`.
    pub(super) fn new(api: &str, desk: Browser) -> Self {
        Self { url: format!("{api}/dev/mail.json"), desk }
    }

    /// Waits for the invitation of `email` and tells its token.
    pub(super) async fn invitation(&self, email: &str) -> Result<String, Failure> {
        let what = format!("the invitation to {email} in {}", self.url);
        wait_for(&what, async || {
            let answer = self.desk.ask(Ask::page(&self.url)).await?;
            for mail in answer.json()?.list("")? {
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

/// The token that stands on a line of its own.
fn token(text: &str) -> Option<&str> {
    let token = text.lines().find_map(|line| line.strip_prefix("Token: "))?.trim();
    (!token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_mail_stands_on_its_own_line() {
        let mail =
            "Hello Kim,\n\nhttp://x/accept?token=other\n\nToken: q8cYt3l7\n\nThe link works once.";
        assert_eq!(token(mail), Some("q8cYt3l7"));
        assert_eq!(token("Token: \n"), None);
        assert_eq!(token("Your order is confirmed."), None);
    }
}
