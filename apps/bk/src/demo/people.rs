//! What people do before anything else: accept an invitation, log in, and log in again when the clock
//! has ended their session.

use reqwest::StatusCode;
use serde_json::json;

use super::{
    ask::Ask,
    browser::{Browser, Surface},
    failure::Failure,
    stage::Stage,
};

/// Somebody who can log in.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) surface: Surface,
    pub(super) tenant: String,
    pub(super) email: String,
}

impl Person {
    /// A member of staff, or an operator.
    pub(super) fn staff(tenant: &str, email: String) -> Self {
        Self { surface: Surface::Admin, tenant: tenant.to_owned(), email }
    }

    /// A customer.
    pub(super) fn client(tenant: &str, email: String) -> Self {
        Self { surface: Surface::Client, tenant: tenant.to_owned(), email }
    }

    /// Waits for the invitation and accepts it.
    pub(super) async fn accept(&self, stage: &Stage) -> Result<(), Failure> {
        let token = stage.mailbox.invitation(&self.email).await?;
        let path = format!("{}/auth/invitations/accept", self.surface.prefix());
        let body = json!({"tenant": self.tenant, "token": token, "password": stage.password});
        stage.browser(self.surface)?.ask(Ask::post(path, body)).await.map(drop)
    }

    /// Logs in with a fresh browser.
    pub(super) async fn log_in(&self, stage: &Stage) -> Result<Browser, Failure> {
        let mut browser = stage.browser(self.surface)?;
        let path = format!("{}/auth/login", self.surface.prefix());
        let body = json!({"tenant": self.tenant, "email": self.email, "password": stage.password});
        let answer = browser.ask(Ask::post(path, body)).await?;
        browser.keep_csrf_token(answer.json()?.text("/csrf_token")?);
        Ok(browser)
    }

    /// The browser if its session still lives, or a fresh login: moving the clock ends sessions.
    pub(super) async fn still_in(
        &self,
        stage: &Stage,
        browser: Browser,
    ) -> Result<Browser, Failure> {
        let me = Ask::get(format!("{}/auth/me", self.surface.prefix()));
        let answer = browser.send(&me).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            return self.log_in(stage).await;
        }
        answer.expected(&me)?;
        Ok(browser)
    }
}
