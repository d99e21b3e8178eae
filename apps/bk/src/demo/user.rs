//! A user: accepts an invitation, logs in, and logs in again after moving the clock has ended the session.

use reqwest::StatusCode;
use serde_json::json;

use super::{
    browser::{Browser, Surface},
    failure::Failure,
    request::Request,
    server::DevServer,
};

/// A user of a tenant.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) surface: Surface,
    /// Slug of the tenant.
    pub(super) tenant: String,
    pub(super) email: String,
}

impl User {
    /// Returns a user of the admin surface: a member of staff or an operator.
    pub(super) fn staff(tenant: &str, email: String) -> Self {
        Self { surface: Surface::Admin, tenant: tenant.to_owned(), email }
    }

    /// Returns a user of the client surface: a customer.
    pub(super) fn client(tenant: &str, email: String) -> Self {
        Self { surface: Surface::Client, tenant: tenant.to_owned(), email }
    }

    /// Waits for the invitation and accepts it.
    pub(super) async fn accept_invitation(&self, server: &DevServer) -> Result<(), Failure> {
        let token = server.mailbox.invitation_token(&self.email).await?;
        let path = format!("{}/auth/invitations/accept", self.surface.prefix());
        let body = json!({"tenant": self.tenant, "token": token, "password": server.password});
        server.new_browser(self.surface)?.send(Request::post(path, body)).await.map(drop)
    }

    /// Logs in with a new browser.
    pub(super) async fn log_in(&self, server: &DevServer) -> Result<Browser, Failure> {
        let mut browser = server.new_browser(self.surface)?;
        let path = format!("{}/auth/login", self.surface.prefix());
        let body = json!({"tenant": self.tenant, "email": self.email, "password": server.password});
        let response = browser.send(Request::post(path, body)).await?;
        browser.set_csrf_token(response.json()?.text("/csrf_token")?);
        Ok(browser)
    }

    /// Returns the browser if its session is still valid, or a new login: moving the clock ends sessions.
    pub(super) async fn renew_session(
        &self,
        server: &DevServer,
        browser: Browser,
    ) -> Result<Browser, Failure> {
        let me = Request::get(format!("{}/auth/me", self.surface.prefix()));
        let response = browser.send_once(&me).await?;
        if response.status == StatusCode::UNAUTHORIZED {
            return self.log_in(server).await;
        }
        response.ensure_expected(&me)?;
        Ok(browser)
    }
}
