//! The port for e-mail. The host implements it: a mailbox page in development, SMTP in production.

use async_trait::async_trait;
use thiserror::Error;

/// One plain-text message.
#[derive(Clone)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The body, plain text.
    pub text: String,
}

/// The message could not be handed over; the job that sends it is retried.
#[derive(Debug, Error)]
#[error("the mail server did not take the message")]
pub struct MailError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Hands mail to a server.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands the message over. Fails with [`MailError`] when the server does not take it.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}
