//! A user's browser: it has cookies, sends the origin of its front end, and repeats the CSRF token of its session.

use std::time::Duration;

use bk_api::seed::{ADMIN_ORIGIN, CLIENT_ORIGIN};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderName, ORIGIN},
    redirect::Policy,
};

use super::{
    failure::Failure,
    request::{Body, Request, Target},
    response::Response,
};

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_mins(1);

/// How often a request is sent again after the server's rate limit rejected it.
const MAX_RETRIES: usize = 20;
/// A rate limit that asks to wait longer than this is a failure.
const MAX_RETRY_AFTER_SECS: u64 = 60;

/// The two surfaces of the API, each with a front end of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Client,
    Admin,
}

impl Surface {
    /// Returns the first segment of the surface's paths.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "/client",
            Self::Admin => "/admin",
        }
    }

    /// Returns the origin of the front end, which development allows for every tenant.
    const fn origin(self) -> &'static str {
        match self {
            Self::Client => CLIENT_ORIGIN,
            Self::Admin => ADMIN_ORIGIN,
        }
    }
}

/// A browser with its own cookies.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    http: Client,
    api: String,
    surface: Surface,
    csrf_token: Option<String>,
}

impl Browser {
    /// Returns a browser without cookies; `api` is the origin of the API. Fails when the HTTP client cannot be built.
    pub(super) fn new(api: &str, surface: Surface) -> Result<Self, Failure> {
        #[expect(clippy::disallowed_methods, reason = "the demo's browser")]
        let built = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // The server runs on this machine, so the proxy of the environment must not be used.
            .no_proxy()
            .user_agent(concat!("bk-demo/", env!("CARGO_PKG_VERSION")))
            .build();
        let http = built.map_err(|source| unreachable(api.to_owned(), source))?;
        Ok(Self { http, api: api.to_owned(), surface, csrf_token: None })
    }

    /// Sets the CSRF token that requests which change something carry from now on.
    pub(super) fn set_csrf_token(&mut self, token: &str) {
        self.csrf_token = Some(token.to_owned());
    }

    /// Sends a request and returns the response. A request that the rate limit rejects is sent again after the
    /// time that the server asks for; it had no effect.
    ///
    /// Fails when the server does not answer or the status is not the expected one.
    pub(super) async fn send(&self, request: Request) -> Result<Response, Failure> {
        let mut response = self.send_once(&request).await?;
        for _ in 0..MAX_RETRIES {
            let wait = response.retry_after_secs().filter(|secs| *secs <= MAX_RETRY_AFTER_SECS);
            let Some(secs) = wait else { break };
            println!("    … the rate limit asks to wait {secs} s");
            tokio::time::sleep(Duration::from_secs(secs)).await;
            response = self.send_once(&request).await?;
        }
        response.ensure_expected(&request)
    }

    /// Sends a request once and returns the response, whatever its status. Fails when the server does not answer.
    pub(super) async fn send_once(&self, request: &Request) -> Result<Response, Failure> {
        let failed = |source| unreachable(request.to_string(), source);
        let response = self.build(request).send().await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.map_err(failed)?;
        Ok(Response::new(request.to_string(), status, headers, text))
    }

    fn build(&self, request: &Request) -> RequestBuilder {
        let method = request.method.clone();
        let mut builder = match &request.target {
            Target::Page(url) => self.http.request(method, url),
            Target::Api(path) => {
                let builder = self.http.request(method, format!("{}/api/v1{path}", self.api));
                self.with_credentials(builder, &request.method)
            }
        };
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        match &request.body {
            Body::Empty => builder,
            Body::Json(json) => builder.json(json),
            Body::Csv(file) => builder.header(CONTENT_TYPE, "text/csv").body(*file),
        }
    }

    /// Adds what a browser and the front end's script add to a request that changes something.
    fn with_credentials(&self, builder: RequestBuilder, method: &Method) -> RequestBuilder {
        if method.is_safe() {
            return builder;
        }
        let builder = builder.header(ORIGIN, self.surface.origin());
        match &self.csrf_token {
            Some(token) => builder.header(CSRF_TOKEN, token),
            None => builder,
        }
    }
}

const fn unreachable(request: String, source: reqwest::Error) -> Failure {
    Failure::Unreachable { request, source }
}
