//! A browser in front of the routes: it keeps cookies and repeats the CSRF token.

use std::collections::BTreeMap;

use actix_web::{
    App,
    http::{StatusCode, header::HeaderMap},
    test::{self, TestRequest},
    web,
};
use bk_guard::{Domain, RouteTable, Routes};
use bk_identity::Identity;
use serde_json::{Value, json};

use super::{DEV_ORIGIN, GREENFORK_ORIGIN, PASSWORD, World};

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The status and the error code.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }

    /// The body without the id that differs from request to request.
    pub(crate) fn body_without_request_id(&self) -> Value {
        let mut body = self.body.clone();
        body.as_object_mut().unwrap().remove("request_id");
        body
    }

    /// The `Set-Cookie` headers.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").map(|cookie| cookie.to_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    /// The value at a pointer, as text.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{self:?}"))
    }
}

/// A browser on one surface. Clones go their own ways.
#[derive(Clone)]
pub(crate) struct Browser<'w> {
    world: &'w World,
    surface: &'static str,
    origin: &'static str,
    cookies: BTreeMap<String, String>,
    csrf_token: Option<String>,
}

impl World {
    /// A browser on the client surface.
    pub(crate) fn client(&self) -> Browser<'_> {
        self.browser("client", GREENFORK_ORIGIN)
    }

    /// A browser on the admin surface.
    pub(crate) fn admin(&self) -> Browser<'_> {
        self.browser("admin", DEV_ORIGIN)
    }

    fn browser(&self, surface: &'static str, origin: &'static str) -> Browser<'_> {
        Browser { world: self, surface, origin, cookies: BTreeMap::new(), csrf_token: None }
    }

    /// A browser in which a customer of `greenfork` has logged in.
    pub(crate) async fn logged_in_client(&self, email: &str) -> Browser<'_> {
        let mut browser = self.client();
        assert_eq!(browser.log_in(email, PASSWORD).await.status, 200);
        browser
    }

    /// A browser in which a member of `greenfork`'s staff has logged in.
    pub(crate) async fn logged_in_admin(&self, email: &str) -> Browser<'_> {
        let mut browser = self.admin();
        assert_eq!(browser.log_in(email, PASSWORD).await.status, 200);
        browser
    }

    async fn call(&self, request: TestRequest) -> Answer {
        let guard = self.guard();
        let app = test::init_service(
            App::new()
                .configure(|config| self.identity.app_data(config))
                .app_data(web::Data::new(guard.cookies()))
                .app_data(web::Data::new(guard.origins()))
                .service(web::scope("/api/v1").configure(|config| {
                    let mut table = RouteTable::default();
                    let mut routes = Routes::new(config, &mut table, "/api/v1");
                    Identity::registration().mount(&mut routes);
                }))
                .wrap(guard.clone()),
        )
        .await;
        let peer = "192.0.2.7:4000".parse().unwrap();
        let response = test::call_service(&app, request.peer_addr(peer).to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = test::read_body(response).await;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }
}

impl Browser<'_> {
    /// The same browser, on a page of another origin.
    pub(crate) fn with_origin(mut self, origin: &'static str) -> Self {
        self.origin = origin;
        self
    }

    /// The session token it holds.
    pub(crate) fn token(&self) -> String {
        self.cookies[&format!("bk_{}_session", self.surface)].clone()
    }

    pub(crate) async fn log_in(&mut self, email: &str, password: &str) -> Answer {
        self.log_in_at("greenfork", email, password).await
    }

    pub(crate) async fn log_in_at(&mut self, tenant: &str, email: &str, password: &str) -> Answer {
        let form = json!({ "tenant": tenant, "email": email, "password": password });
        let answer = self.post("/auth/login", form).await;
        if answer.status == 200 {
            self.csrf_token = Some(answer.text("/csrf_token").to_owned());
        }
        answer
    }

    pub(crate) async fn accept(&mut self, tenant: &str, token: &str, password: &str) -> Answer {
        let form = json!({ "tenant": tenant, "token": token, "password": password });
        self.post("/auth/invitations/accept", form).await
    }

    /// Reads a path behind that of the surface.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(TestRequest::get(), path).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: Value) -> Answer {
        self.send(TestRequest::post().set_json(form), path).await
    }

    /// Posts nothing.
    pub(crate) async fn act(&mut self, path: &str) -> Answer {
        self.send(TestRequest::post(), path).await
    }

    pub(crate) async fn put(&mut self, path: &str, etag: &str, form: Value) -> Answer {
        let request = TestRequest::put().insert_header(("if-match", etag.to_owned()));
        self.send(request.set_json(form), path).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.send(TestRequest::delete(), path).await
    }

    async fn send(&mut self, request: TestRequest, path: &str) -> Answer {
        let mut request = request
            .uri(&format!("/api/v1/{}{path}", self.surface))
            .insert_header(("origin", self.origin));
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            let pairs: Vec<String> = pairs.collect();
            request = request.insert_header(("cookie", pairs.join("; ")));
        }
        if let Some(token) = &self.csrf_token {
            request = request.insert_header(("x-csrf-token", token.clone()));
        }
        let answer = self.world.call(request).await;
        for cookie in answer.cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
