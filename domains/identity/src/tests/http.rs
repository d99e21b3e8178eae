//! The routes behind the guard: cookies, origins, and that every refusal of a login is the same.

use std::sync::Arc;

use actix_web::{App, http::StatusCode, test, web};
use bk_contracts::tenants::AllowedOrigins;
use bk_guard::{CsrfKey, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, Routes};
use serde_json::{Value, json};

use super::{PASSWORD, Stage};
use crate::Identity;

const ORIGIN: &str = "https://greenfork.test";
const OFFICE: &str = "http://localhost:3001";

/// An answer, as a browser sees it.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    cookies: Vec<String>,
    headers: actix_web::http::header::HeaderMap,
    body: Value,
}

impl Answer {
    /// The body without the id that differs from request to request.
    fn anonymous(&self) -> Value {
        let mut body = self.body.clone();
        body.as_object_mut().unwrap().remove("request_id");
        body
    }

    /// `name=value` of the cookies set, joined as a browser sends them back.
    fn jar(&self) -> String {
        let pairs = self.cookies.iter().filter_map(|cookie| cookie.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn etag(&self) -> &str {
        self.headers.get("etag").unwrap().to_str().unwrap()
    }
}

impl Stage {
    fn guard(&self) -> Guard {
        let mut table = RouteTable::default();
        App::new().configure(|config| {
            config.service(web::scope("/api/v1").configure(|config| {
                Identity::routes(&mut Routes::new(config, &mut table, "/api/v1"));
            }));
        });
        let config = GuardConfig {
            environment: bk_kernel::Environment::Development,
            trusted_proxies: Vec::new(),
            csrf_key: CsrfKey::new([7; 32]),
            dev_origins: AllowedOrigins {
                admin: vec![OFFICE.to_owned()],
                ..AllowedOrigins::default()
            },
            own_origin: "http://localhost:8080".to_owned(),
            limits: RateLimits::unlimited(),
            store: Arc::new(MemoryStore::new()),
            clock: self.clock.clone(),
            sessions: Arc::new(self.identity.clone()),
            tenants: self.tenants.clone(),
            db: self.db.app.clone(),
        };
        Guard::new(config, &table).unwrap()
    }

    async fn call(&self, req: test::TestRequest) -> Answer {
        let guard = self.guard();
        let app = test::init_service(
            App::new()
                .app_data(web::Data::new(self.identity.clone()))
                .app_data(web::Data::new(guard.cookies()))
                .app_data(web::Data::new(guard.origins()))
                .service(web::scope("/api/v1").configure(|config| {
                    let mut table = RouteTable::default();
                    Identity::routes(&mut Routes::new(config, &mut table, "/api/v1"));
                }))
                .wrap(guard.clone()),
        )
        .await;
        let peer = "192.0.2.7:4000".parse().unwrap();
        let response = test::call_service(&app, req.peer_addr(peer).to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let cookies =
            headers.get_all("set-cookie").map(|c| c.to_str().unwrap().to_owned()).collect();
        let bytes = test::read_body(response).await;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status, cookies, headers, body }
    }

    async fn post_login(&self, surface: &str, origin: &str, body: Value) -> Answer {
        let req = test::TestRequest::post()
            .uri(&format!("/api/v1/{surface}/auth/login"))
            .insert_header(("origin", origin.to_owned()))
            .set_json(body);
        self.call(req).await
    }

    /// A request of a logged-in browser.
    async fn browse(&self, login: &Answer, origin: &str, req: test::TestRequest) -> Answer {
        let csrf = login.body["csrf_token"].as_str().unwrap().to_owned();
        let req = req
            .insert_header(("origin", origin.to_owned()))
            .insert_header(("cookie", login.jar()))
            .insert_header(("x-csrf-token", csrf));
        self.call(req).await
    }
}

fn login(tenant: &str, email: &str, password: &str) -> Value {
    json!({ "tenant": tenant, "email": email, "password": password })
}

#[actix_web::test]
async fn a_browser_logs_in_asks_who_it_is_and_logs_out() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    let logged_in = stage
        .post_login("client", ORIGIN, login("greenfork", "ada@greenfork.test", PASSWORD))
        .await;
    assert_eq!(logged_in.status, 200, "{logged_in:?}");
    assert_eq!(logged_in.body["user"]["email"], "ada@greenfork.test");
    assert_eq!(logged_in.body["tenant"]["slug"], "greenfork");
    assert_eq!(logged_in.body["aal"], "aal1");
    let [session, csrf] = logged_in.cookies.as_slice() else { panic!("{logged_in:?}") };
    assert!(session.starts_with("bk_client_session=") && session.contains("HttpOnly"), "{session}");
    assert!(csrf.starts_with("bk_client_csrf=") && !csrf.contains("HttpOnly"), "{csrf}");

    let get = |path: &str| test::TestRequest::get().uri(path);
    let me = stage.browse(&logged_in, ORIGIN, get("/api/v1/client/auth/me")).await;
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(me.body["permissions"], json!(["own.orders.read"]));
    assert_eq!(me.body["csrf_token"], logged_in.body["csrf_token"], "two tabs share one token");
    assert!(me.cookies.is_empty());
    let devices = stage.browse(&logged_in, ORIGIN, get("/api/v1/client/auth/sessions")).await;
    assert_eq!(devices.body["items"][0]["current"], true);
    assert_eq!(devices.body["items"][0]["ip"], "192.0.2.7");

    let post = test::TestRequest::post().uri("/api/v1/client/auth/logout");
    let out = stage.browse(&logged_in, ORIGIN, post).await;
    assert_eq!(out.status, 204, "{out:?}");
    assert!(out.cookies.iter().all(|cookie| cookie.contains("Max-Age=0")), "{out:?}");
    let me = stage.browse(&logged_in, ORIGIN, get("/api/v1/client/auth/me")).await;
    assert_eq!(me.body["code"], "AUTH_INVALID");
}

#[actix_web::test]
async fn refused_logins_cannot_be_told_apart() {
    let stage = Stage::set().await;
    stage.user("ada@greenfork.test", &["client"]).await;
    stage.user_of(stage.northside, "zoe@northside.test", &["kitchen"]).await;
    stage.tenants.suspend("northside");
    let mut answers = Vec::new();
    for body in [
        login("greenfork", "ada@greenfork.test", PASSWORD),
        login("greenfork", "ada@greenfork.test", "a wrong password"),
        login("greenfork", "nobody@greenfork.test", PASSWORD),
        login("nowhere", "ada@greenfork.test", PASSWORD),
        login("northside", "zoe@northside.test", PASSWORD),
    ] {
        answers.push(stage.post_login("admin", OFFICE, body).await);
    }
    for answer in &answers {
        assert_eq!(answer.status, 401, "{answer:?}");
        assert_eq!(answer.anonymous(), answers[0].anonymous());
        assert!(answer.cookies.is_empty());
    }
}

#[actix_web::test]
async fn another_tenants_origin_is_rejected_whether_the_tenant_exists_or_not() {
    let stage = Stage::set().await;
    stage.user_of(stage.northside, "zoe@northside.test", &["client"]).await;
    for tenant in ["northside", "nowhere"] {
        let body = login(tenant, "zoe@northside.test", PASSWORD);
        let answer = stage.post_login("client", ORIGIN, body).await;
        assert_eq!(answer.body["code"], "ORIGIN_REJECTED", "{answer:?}");
    }
}

#[actix_web::test]
async fn a_throttled_login_says_when_to_come_back() {
    let stage = Stage::set().await;
    for _ in 0..5 {
        let body = login("greenfork", "nobody@greenfork.test", "a wrong password");
        assert_eq!(stage.post_login("client", ORIGIN, body).await.status, 401);
    }
    let body = login("greenfork", "nobody@greenfork.test", "a wrong password");
    let answer = stage.post_login("client", ORIGIN, body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (429, &json!("RATE_LIMITED")));
    assert!(answer.headers.contains_key("retry-after"));
}

#[actix_web::test]
async fn an_owner_invites_a_member_who_accepts_and_gets_another_role() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    let owner = stage
        .post_login("admin", OFFICE, login("greenfork", "owner@greenfork.test", PASSWORD))
        .await;
    let new = json!({ "email": "Kim@greenfork.test", "display_name": "Kim", "roles": ["kitchen"] });
    let post = test::TestRequest::post().uri("/api/v1/admin/invitations").set_json(&new);
    let invited = stage.browse(&owner, OFFICE, post).await;
    assert_eq!(invited.status, 201, "{invited:?}");
    let post = test::TestRequest::post().uri("/api/v1/admin/invitations").set_json(&new);
    assert_eq!(stage.browse(&owner, OFFICE, post).await.body["code"], "CONFLICT");

    stage.work().await;
    let token = stage.mailbox.last_token();
    let accept = |password: &str| {
        test::TestRequest::post()
            .uri("/api/v1/admin/auth/invitations/accept")
            .insert_header(("origin", OFFICE))
            .set_json(json!({ "tenant": "greenfork", "token": token, "password": password }))
    };
    let weak = stage.call(accept("too short")).await;
    assert_eq!(weak.body["errors"][0]["pointer"], "/password", "{weak:?}");
    let accepted = stage.call(accept(PASSWORD)).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(stage.call(accept(PASSWORD)).await.body["code"], "AUTH_INVALID");

    let member = format!("/api/v1/admin/members/{}", accepted.body["user"]["id"].as_str().unwrap());
    let read = stage.browse(&owner, OFFICE, test::TestRequest::get().uri(&member)).await;
    assert_eq!(read.body["status"], "ACTIVE", "{read:?}");
    let put = |etag: String| {
        test::TestRequest::put()
            .uri(&format!("{member}/roles"))
            .insert_header(("if-match", etag))
            .set_json(json!({ "roles": ["driver"] }))
    };
    let changed = stage.browse(&owner, OFFICE, put(read.etag().to_owned())).await;
    assert_eq!(changed.body["roles"], json!(["driver"]), "{changed:?}");
    let stale = stage.browse(&owner, OFFICE, put(read.etag().to_owned())).await;
    assert_eq!(stale.body["code"], "PRECONDITION_FAILED");
    let removed = stage.browse(&owner, OFFICE, test::TestRequest::delete().uri(&member)).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    let list = test::TestRequest::get().uri("/api/v1/admin/members?kind=STAFF&limit=1");
    let page = stage.browse(&owner, OFFICE, list).await;
    assert!(page.body["next_cursor"].is_string(), "{page:?}");
}

#[actix_web::test]
async fn an_owner_who_is_the_last_stays() {
    let stage = Stage::set().await;
    let id = stage.user("owner@greenfork.test", &["owner"]).await;
    let owner = stage
        .post_login("admin", OFFICE, login("greenfork", "owner@greenfork.test", PASSWORD))
        .await;
    let delete = test::TestRequest::delete().uri(&format!("/api/v1/admin/members/{id}"));
    let answer = stage.browse(&owner, OFFICE, delete).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (409, &json!("LAST_OWNER")));
}
