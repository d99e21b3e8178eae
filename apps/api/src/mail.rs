//! Mail by SMTP, with TLS always: implicit (`smtps://`) or by STARTTLS
//! (`smtp://host?tls=required`).

use std::error::Error;

use async_trait::async_trait;
use bk_contracts::mail::{Mail, MailError, Mailer};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::Mailbox,
    message::header::ContentType,
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Why mail cannot be set up. Never repeats the URL, which the cause of [`Self::Url`] would in part.
#[derive(Debug, Error)]
pub enum MailSetupError {
    /// Not an SMTP URL.
    #[error("SMTP_URL is not an SMTP URL; for example smtps://user:secret@mail.example.com:465")]
    Url,
    /// TLS is off.
    #[error("SMTP_URL must use TLS: smtps://… or smtp://…?tls=required")]
    Plain,
    /// Not a sender.
    #[error("MAIL_FROM is not an address; for example Balance Kitchen <kitchen@example.com>")]
    From(#[source] lettre::address::AddressError),
}

/// Hands messages to one SMTP server, over a pool of connections.
#[derive(Debug, Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// A mailer; connects when there is something to send.
    pub fn new(url: &SecretString, from: &str) -> Result<Self, MailSetupError> {
        let text = url.expose_secret();
        if !(text.starts_with("smtps://") || text.contains("tls=required")) {
            return Err(MailSetupError::Plain);
        }
        #[expect(clippy::disallowed_methods, reason = "the room that speaks SMTP")]
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(text)
            .map_err(|_| MailSetupError::Url)?
            .build();
        Ok(Self { transport, from: from.parse().map_err(MailSetupError::From)? })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to: Mailbox = mail.to.parse().map_err(failed)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(failed)?;
        self.transport.send(message).await.map_err(failed)?;
        Ok(())
    }
}

fn failed(error: impl Error + Send + Sync + 'static) -> MailError {
    MailError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(url: &str, from: &str) -> Option<String> {
        SmtpMailer::new(&SecretString::from(url.to_owned()), from).err().map(|e| e.to_string())
    }

    #[tokio::test]
    async fn mail_never_goes_out_in_the_clear() {
        let from = "Balance Kitchen <kitchen@example.com>";
        assert_eq!(setup("smtps://user:pass@mail.example.com:465", from), None);
        assert_eq!(setup("smtp://user:pass@mail.example.com:587?tls=required", from), None);
        for url in ["smtp://mail.example.com", "smtp://mail.example.com?tls=opportunistic"] {
            assert!(setup(url, from).unwrap().contains("TLS"), "{url}");
        }
    }

    #[tokio::test]
    async fn a_refusal_never_repeats_the_url() {
        let refusal = setup("smtps://user:hunter2@:x", "kitchen@example.com").unwrap();
        assert!(!refusal.contains("hunter2"));
        assert!(setup("smtps://mail.example.com", "nobody").unwrap().contains("MAIL_FROM"));
    }
}
