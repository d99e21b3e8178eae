//! How a request reaches the server: over TCP, or by a call in the test's own process.

use std::{fmt, future::Future, net::SocketAddr, pin::Pin, rc::Rc};

use actix_http::Request;
use actix_web::{
    Error,
    body::{self, MessageBody},
    dev::{Service, ServiceResponse},
    test,
};

use super::{Answer, Call};
use crate::fail;

/// A request with everything that the browser adds.
#[derive(Debug, Clone)]
pub struct Sent {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Sent {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            method: call.method.clone(),
            target: call.target.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
        }
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn asked(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// Takes requests to the server.
pub trait Transport {
    /// The host and port of the server, which its cookies are kept under.
    fn authority(&self) -> &str;

    /// Sends a request and reads the answer whole. Fails the test when there is none.
    fn send(&self, request: Sent) -> impl Future<Output = Answer>;
}

/// Over TCP.
#[derive(Debug, Clone)]
pub struct Tcp {
    http: reqwest::Client,
    base: String,
}

impl Tcp {
    /// To the server at `base`, `http://127.0.0.1:8080`. Follows no redirect and asks no proxy.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one client that tests call a server with")]
    pub fn new(base: &str) -> Self {
        // Something has to be there to encrypt with; refused when the process has one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        let http = client.unwrap_or_else(|error| fail(&error.to_string()));
        Self { http, base: base.trim_end_matches('/').to_owned() }
    }
}

impl Transport for Tcp {
    fn authority(&self) -> &str {
        self.base.split_once("://").map_or(&*self.base, |(_, authority)| authority)
    }

    async fn send(&self, request: Sent) -> Answer {
        let asked = request.asked();
        let absolute = request.target.contains("://");
        let url =
            if absolute { request.target } else { format!("{}{}", self.base, request.target) };
        let method = request.method.parse().unwrap_or_else(|_| fail("no such method"));
        let mut to_send = self.http.request(method, url);
        for (name, value) in request.headers {
            to_send = to_send.header(name, value);
        }
        if let Some(body) = request.body {
            to_send = to_send.body(body);
        }
        let answer =
            to_send.send().await.unwrap_or_else(|error| fail(&format!("{asked}: {error:?}")));
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body =
            answer.bytes().await.unwrap_or_else(|error| fail(&format!("{asked}: {error:?}")));
        Answer { asked, status, headers, body: body.to_vec() }
    }
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// Into an actix application in the test's own process. Clones call the same application.
#[derive(Clone)]
pub struct InProcess {
    application: Rc<dyn Fn(Request, String) -> Answering>,
    peer: SocketAddr,
}

impl InProcess {
    /// Into what [`actix_web::test::init_service`] made. The caller's address is 192.0.2.1.
    #[must_use]
    pub fn new<S, B>(application: S) -> Self
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        let application = Rc::new(application);
        let call = move |request: Request, asked: String| -> Answering {
            let answering = application.call(request);
            Box::pin(async move { read(asked, answering.await).await })
        };
        Self { application: Rc::new(call), peer: SocketAddr::from(([192, 0, 2, 1], 4_242)) }
    }

    /// Calls from another address.
    #[must_use]
    pub const fn from_peer(mut self, peer: SocketAddr) -> Self {
        self.peer = peer;
        self
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("InProcess").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Transport for InProcess {
    fn authority(&self) -> &'static str {
        "localhost"
    }

    async fn send(&self, request: Sent) -> Answer {
        let asked = request.asked();
        let method = request.method.parse().unwrap_or_else(|_| fail("no such method"));
        let mut to_send =
            test::TestRequest::default().method(method).uri(&request.target).peer_addr(self.peer);
        for (name, value) in request.headers {
            to_send = to_send.append_header((name, value));
        }
        if let Some(body) = request.body {
            let length = body.len().to_string();
            to_send = to_send.append_header(("content-length", length)).set_payload(body);
        }
        (self.application)(to_send.to_request(), asked).await
    }
}

async fn read<B: MessageBody>(asked: String, answer: Result<ServiceResponse<B>, Error>) -> Answer {
    let (status, headers, body) = match answer {
        Ok(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, body::to_bytes(answer.into_body()).await.ok())
        }
        // What the server makes of an error that has lost its request.
        Err(error) => {
            let answer = error.error_response();
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, body::to_bytes(answer.into_body()).await.ok())
        }
    };
    let headers = headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let headers = headers.collect();
    let body = body.unwrap_or_else(|| fail(&format!("{asked}: the body cannot be read")));
    Answer { asked, status: status.as_u16(), headers, body: body.to_vec() }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpRequest, HttpResponse, cookie::Cookie, web};
    use bk_kernel::Surface;
    use serde_json::json;

    use super::*;
    use crate::client::Browser;

    /// Says what it was sent, and starts a session at a login.
    async fn echo(request: HttpRequest, body: String) -> HttpResponse {
        let header = |name: &str| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let mut answer = HttpResponse::Ok();
        if request.path().ends_with("/auth/login") {
            answer.cookie(Cookie::new("bk_client_session", "s"));
            answer.cookie(Cookie::new("bk_client_csrf", "c"));
        }
        answer.json(json!({
            "body": body, "cookie": header("cookie"), "csrf": header("x-csrf-token"),
            "origin": header("origin"), "key": header("idempotency-key"),
            "length": header("content-length"),
        }))
    }

    fn routes(config: &mut web::ServiceConfig) {
        config.default_service(web::to(echo));
    }

    async fn behaves_like_a_browser<T: Transport>(transport: T) {
        let browser = Browser::new(transport, Surface::Client, "https://app.test");
        let before = browser.post("/client/x", &json!({})).await.ok();
        assert_eq!((&before["cookie"], &before["csrf"]), (&json!(""), &json!("")));
        browser.log_in("t", "a@t.test", "p").await;
        let read = browser.get("/client/x").await.ok();
        assert_eq!(read["cookie"], "bk_client_csrf=c; bk_client_session=s");
        assert_eq!((&read["csrf"], &read["origin"]), (&json!(""), &json!("https://app.test")));
        let call = Call::post("/api/v1/client/x").json(&json!({"a": 1})).idempotency_key("k");
        let write = browser.send(call.clone()).await.ok();
        assert_eq!((&write["csrf"], &write["key"]), (&json!("c"), &json!("k")));
        assert_eq!((&write["body"], &write["length"]), (&json!("{\"a\":1}"), &json!("7")));
        let foreign = browser.send(call.without_csrf().from_origin("https://else.test")).await.ok();
        assert_eq!(
            (&foreign["csrf"], &foreign["origin"]),
            (&json!(""), &json!("https://else.test"))
        );
    }

    #[actix_web::test]
    async fn over_tcp_it_behaves_like_a_browser_and_another_site_gets_no_cookies() {
        let serve = || {
            let server = actix_web::HttpServer::new(|| App::new().configure(routes)).workers(1);
            let server = server.disable_signals().bind(("127.0.0.1", 0)).unwrap();
            let base = format!("http://{}", server.addrs()[0]);
            actix_web::rt::spawn(server.run());
            base
        };
        let (base, other) = (serve(), serve());
        behaves_like_a_browser(Tcp::new(&base)).await;
        let browser = Browser::new(Tcp::new(&base), Surface::Client, "https://app.test");
        browser.log_in("t", "a@t.test", "p").await;
        let elsewhere = browser.send(Call::post(format!("{other}/pay"))).await.ok();
        assert_eq!((&elsewhere["cookie"], &elsewhere["origin"]), (&json!(""), &json!("")));
    }

    #[actix_web::test]
    async fn in_process_it_behaves_like_a_browser() {
        let application = test::init_service(App::new().configure(routes)).await;
        behaves_like_a_browser(InProcess::new(application)).await;
    }
}
