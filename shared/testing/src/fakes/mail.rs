//! A mail server that delivers to the test.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bk_contracts::mail::{Mail, MailError, Mailer};

use super::lock;
use crate::fail;

/// Keeps what was sent; refuses when it is down.
#[derive(Clone, Default)]
pub struct FakeMailer(Arc<Mutex<Sent>>);

#[derive(Default)]
struct Sent {
    mails: Vec<Mail>,
    down: bool,
}

impl FakeMailer {
    /// The mails sent so far, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.0).mails.clone()
    }

    /// The last mail. Fails the test when none was sent.
    #[must_use]
    pub fn last(&self) -> Mail {
        self.mails().pop().unwrap_or_else(|| fail("no mail was sent"))
    }

    /// What follows `label` on a line of the last mail: `last_line("Token: ")`. Fails the test when
    /// there is no such line.
    #[must_use]
    pub fn last_line(&self, label: &str) -> String {
        let mail = self.last();
        let line = mail.text.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| fail(&format!("no line {label:?} in:\n{}", mail.text))).to_owned()
    }

    /// From now on the server takes no message, or takes them again.
    pub fn set_down(&self, down: bool) {
        lock(&self.0).down = down;
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let mut sent = lock(&self.0);
        if sent.down {
            return Err(MailError("the mail server is down".into()));
        }
        sent.mails.push(mail);
        Ok(())
    }
}
