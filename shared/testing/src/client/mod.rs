//! A browser as the product meets it: it keeps cookies, names its origin and sends the CSRF token of
//! its cookie. The same one speaks to a server over TCP and to an application in the test's own
//! process.

mod answer;
mod call;
mod jar;
mod transport;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bk_kernel::Surface;
use serde_json::{Value, json};

use self::jar::Jar;
pub use self::{
    answer::Answer,
    call::Call,
    transport::{InProcess, Sent, Tcp, Transport},
};

/// One person's browser, on the front end of one surface.
pub struct Browser<T = Tcp> {
    transport: T,
    surface: Surface,
    origin: String,
    jar: Mutex<Jar>,
}

impl<T: Transport> Browser<T> {
    /// A fresh browser that shows the front end of `surface`, served from `origin`.
    #[must_use]
    pub fn new(transport: T, surface: Surface, origin: impl Into<String>) -> Self {
        Self { transport, surface, origin: origin.into(), jar: Mutex::default() }
    }

    /// Gives the browser a cookie that it would have been given by a login.
    #[must_use]
    pub fn with_cookie(self, name: &str, value: &str) -> Self {
        self.jar().set(self.transport.authority(), name, value);
        self
    }

    /// The value of a cookie that the browser holds for the server.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().get(self.transport.authority(), name)
    }

    /// Logs in through the front end's surface and answers what the server says. Fails the test when
    /// the login is refused.
    pub async fn log_in(&self, tenant: &str, email: &str, password: &str) -> Value {
        self.try_log_in(tenant, email, password).await.ok()
    }

    /// Attempts to log in through the front end's surface.
    pub async fn try_log_in(&self, tenant: &str, email: &str, password: &str) -> Answer {
        let body = json!({"tenant": tenant, "email": email, "password": password});
        self.post(&format!("/{}/auth/login", self.surface), &body).await
    }

    /// Reads a path below `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Call::get(api(path))).await
    }

    /// Posts JSON to a path below `/api/v1`.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Call::post(api(path)).json(body)).await
    }

    /// Puts JSON to a path below `/api/v1`.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Call::put(api(path)).json(body)).await
    }

    /// Deletes a path below `/api/v1`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Call::delete(api(path))).await
    }

    /// Reads a path below `/api/v1`, and writes `body` there as a change of the version it read.
    pub async fn update(&self, method: &str, path: &str, body: &Value) -> Answer {
        let read = self.get(path).await;
        self.send(Call::new(method, api(path)).json(body).if_match(read.header("etag"))).await
    }

    /// Sends any call. Cookies, origin and CSRF token go to the product's own server only: a page of
    /// another site gets none of them.
    pub async fn send(&self, call: Call) -> Answer {
        let authority = call.authority().unwrap_or_else(|| self.transport.authority()).to_owned();
        let own = authority == self.transport.authority();
        let sent = {
            let jar = self.jar();
            let mut sent = Sent::of(&call);
            if own {
                if call.names_origin {
                    sent.header("origin", &self.origin);
                }
                let csrf = jar.get_ending(&authority, &format!("_{}_csrf", self.surface));
                if let Some(csrf) = csrf.filter(|_| call.sends_csrf && call.changes_something()) {
                    sent.header("x-csrf-token", &csrf);
                }
            }
            if let Some(cookies) = jar.header(&authority) {
                sent.header("cookie", &cookies);
            }
            sent
        };
        let answer = self.transport.send(sent).await;
        self.jar().keep(&authority, &answer);
        answer
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Clone for Browser<T> {
    /// Another tab: it starts with the same cookies.
    fn clone(&self) -> Self {
        Self {
            transport: self.transport.clone(),
            surface: self.surface,
            origin: self.origin.clone(),
            jar: Mutex::new(self.jar.lock().unwrap_or_else(PoisonError::into_inner).clone()),
        }
    }
}

impl<T> fmt::Debug for Browser<T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Browser").field("surface", &self.surface).finish_non_exhaustive()
    }
}

fn api(path: &str) -> String {
    format!("/api/v1{path}")
}
