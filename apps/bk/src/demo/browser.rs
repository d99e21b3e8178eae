//! One person's browser: its cookies, the origin of the front end it shows, and the CSRF token of its
//! login.

use std::time::Duration;

use bk_api::seed::{ADMIN_ORIGIN, CLIENT_ORIGIN};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderName, ORIGIN},
    redirect::Policy,
};

use super::{
    answer::Answer,
    ask::{Ask, Content, Target},
    failure::Failure,
};

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_mins(1);

/// How often one request waits for the server's limit on requests before it is a failure.
const MOST_WAITS: usize = 20;
/// Longer than this nobody waits for a limit.
const LONGEST_WAIT_SECS: u64 = 60;

/// The two kinds of people who log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Client,
    Admin,
}

impl Surface {
    /// The first segment of its routes.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "/client",
            Self::Admin => "/admin",
        }
    }

    /// The front end whose part is played: development admits it for every kitchen.
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
    /// A fresh one; `api` is the origin of the API.
    pub(super) fn new(api: &str, surface: Surface) -> Result<Self, Failure> {
        let built = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // A development server is near; a proxy of the environment is not meant for it.
            .no_proxy()
            .user_agent(concat!("bk-demo/", env!("CARGO_PKG_VERSION")))
            .build();
        let http = built.map_err(|source| unreachable(api.to_owned(), source))?;
        Ok(Self { http, api: api.to_owned(), surface, csrf_token: None })
    }

    /// From now on changes carry this token.
    pub(super) fn keep_csrf_token(&mut self, token: &str) {
        self.csrf_token = Some(token.to_owned());
    }

    /// Sends a request and insists on the expected answer. Where the server limits how often it is
    /// asked, this waits as long as it says: such a request was refused before it did anything.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let mut answer = self.send(&ask).await?;
        for _ in 0..MOST_WAITS {
            let wait = answer.retry_after_secs().filter(|secs| *secs <= LONGEST_WAIT_SECS);
            let Some(secs) = wait else { break };
            println!("    … the limit on requests asks to wait {secs} s");
            tokio::time::sleep(Duration::from_secs(secs)).await;
            answer = self.send(&ask).await?;
        }
        answer.expected(&ask)
    }

    /// Sends a request once and takes any answer.
    pub(super) async fn send(&self, ask: &Ask) -> Result<Answer, Failure> {
        let failed = |source| unreachable(ask.to_string(), source);
        let response = self.request(ask).send().await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.map_err(failed)?;
        Ok(Answer::new(ask.to_string(), status, headers, text))
    }

    fn request(&self, ask: &Ask) -> RequestBuilder {
        let method = ask.method.clone();
        let mut request = match &ask.target {
            Target::Page(url) => self.http.request(method, url),
            Target::Api(path) => {
                let request = self.http.request(method, format!("{}/api/v1{path}", self.api));
                self.with_credentials(request, &ask.method)
            }
        };
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        match &ask.content {
            Content::Nothing => request,
            Content::Json(body) => request.json(body),
            Content::Csv(file) => request.header(CONTENT_TYPE, "text/csv").body(*file),
        }
    }

    /// What a browser and the front end's script add to a request that changes something.
    fn with_credentials(&self, request: RequestBuilder, method: &Method) -> RequestBuilder {
        if method.is_safe() {
            return request;
        }
        let request = request.header(ORIGIN, self.surface.origin());
        match &self.csrf_token {
            Some(token) => request.header(CSRF_TOKEN, token),
            None => request,
        }
    }
}

const fn unreachable(request: String, source: reqwest::Error) -> Failure {
    Failure::Unreachable { request, source }
}
