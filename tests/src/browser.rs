//! A browser as the product meets it: it keeps cookies, names its origin and sends the CSRF token.

use bk_api::seed::{ADMIN_ORIGIN, CLIENT_ORIGIN};
use reqwest::{
    Client, Method,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use serde_json::{Value, json};

/// Which front end somebody uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The customers' app.
    Client,
    /// The staff's and the operators' app.
    Admin,
}

impl Door {
    /// Where the front end is served from.
    #[must_use]
    pub const fn origin(self) -> &'static str {
        match self {
            Self::Client => CLIENT_ORIGIN,
            Self::Admin => ADMIN_ORIGIN,
        }
    }

    /// `/client` or `/admin`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Client => "/client",
            Self::Admin => "/admin",
        }
    }
}

/// One person's browser.
#[derive(Debug, Clone)]
pub struct Browser {
    http: Client,
    base: String,
    door: Door,
    csrf: Option<String>,
}

/// A request to be sent.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    csrf: bool,
    origin: bool,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Call {
    /// A request of this method for a path below the server's root, or for an absolute address.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let (path, headers) = (path.into(), HeaderMap::new());
        Self { method, path, headers, body: None, csrf: true, origin: true }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Any body.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Without the token that proves where it comes from.
    #[must_use]
    pub fn without_csrf(mut self) -> Self {
        self.csrf = false;
        self
    }

    /// From another site.
    #[must_use]
    pub fn from_origin(mut self, origin: &str) -> Self {
        self.origin = false;
        self.header("origin", origin)
    }
}

impl Browser {
    /// A fresh browser.
    #[must_use]
    pub fn new(base: &str, door: Door) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { http, base: base.to_owned(), door, csrf: None }
    }

    /// Logs in through the browser's door.
    pub async fn log_in(&mut self, tenant: &str, email: &str, password: &str) -> Value {
        let path = format!("{}/auth/login", self.door.path());
        let body = json!({"tenant": tenant, "email": email, "password": password});
        let answer = self.post(&path, &body).await.ok();
        self.csrf = answer["csrf_token"].as_str().map(str::to_owned);
        answer
    }

    /// Takes over the session that an answer other than a login's began.
    pub fn remember(&mut self, answer: &Value) {
        self.csrf = answer["csrf_token"].as_str().map(str::to_owned);
    }

    /// Reads a path below `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Call::new(Method::GET, api(path))).await
    }

    /// Posts JSON to a path below `/api/v1`.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Call::new(Method::POST, api(path)).json(body)).await
    }

    /// Puts JSON to a path below `/api/v1`.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Call::new(Method::PUT, api(path)).json(body)).await
    }

    /// Reads a path, lets `change` edit what it says, and writes it back as the version read.
    pub async fn update(&self, method: Method, path: &str, body: &Value) -> Answer {
        let read = self.get(path).await;
        let tag = read.header("etag").to_owned();
        self.send(Call::new(method, api(path)).json(body).header("if-match", &tag)).await
    }

    /// Sends anything.
    pub async fn send(&self, call: Call) -> Answer {
        let url = if call.path.starts_with("http") {
            call.path.clone()
        } else {
            format!("{}{}", self.base, call.path)
        };
        let asked = format!("{} {}", call.method, call.path);
        let mut request = self.http.request(call.method.clone(), url).headers(call.headers);
        if call.origin {
            request = request.header("origin", self.door.origin());
        }
        if let Some(csrf) = self.csrf.as_ref().filter(|_| call.csrf && call.method != Method::GET) {
            request = request.header("x-csrf-token", csrf);
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { asked, status, headers, body: answer.bytes().await.unwrap().to_vec() }
    }
}

fn api(path: &str) -> String {
    format!("/api/v1{path}")
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A success whose body does not matter; anything else fails the test.
    pub fn done(&self) {
        drop(self.ok());
    }

    /// The JSON of a success; anything else fails the test.
    #[must_use]
    pub fn ok(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.asked,
            self.status,
            self.text()
        );
        self.json()
    }

    /// The error code; empty for a success.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and error code, `404 NOT_FOUND`.
    #[must_use]
    pub fn verdict(&self) -> String {
        format!("{} {}", self.status, self.code()).trim_end().to_owned()
    }

    /// A header; empty when it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
