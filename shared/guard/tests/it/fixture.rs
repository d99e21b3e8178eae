//! The fixture: the guard with fakes behind its ports, and how tests send requests and read responses.
//! They are made by hand, since what a browser would never send is tested too.

use std::{net::SocketAddr, sync::Arc};

use actix_http::Request;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{StatusCode, header::HeaderMap},
    test,
    web::{self, Bytes},
};
use bk_contracts::tenants::AllowedOrigins;
use bk_guard::{CsrfKey, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, csrf};
use bk_kernel::{Actor, ActorKind, Clock, Environment, Surface, TenantId};
use bk_testing::{
    TestDb,
    fakes::{FakeSessions, FakeTenants, tenant_settings},
    people,
};
use sha2::{Digest, Sha256};

use crate::app::{Calls, Gate, mount, table};

/// The guard around the application, with fakes behind its ports.
pub struct Fixture {
    pub db: TestDb,
    pub clock: Clock,
    pub calls: web::Data<Calls>,
    pub gate: web::Data<Gate>,
    pub key: CsrfKey,
    pub alpha: TenantId,
    pub guard: Guard,
}

pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The actor of the session whose token is `token`.
fn actor(kind: ActorKind, tenant_id: TenantId, token: &str, permissions: &[&str]) -> Arc<Actor> {
    let mut actor = people::actor(kind, tenant_id, permissions);
    actor.session.token_hash = hash(token);
    Arc::new(actor)
}

fn with_second_factor(actor: &Actor, at: chrono::DateTime<chrono::Utc>) -> Arc<Actor> {
    let mut actor = actor.clone();
    actor.session.aal2_at = Some(at);
    Arc::new(actor)
}

/// The sessions: `clara` and `carl` are customers of alpha, `bert` of beta, `cleo` a customer
/// without permissions; `stan` is staff, `stella` has just shown a second factor and `steve` an hour
/// ago; `olga` is an operator with a second factor, `otto` one without.
fn sessions(alpha: TenantId, beta: TenantId, now: chrono::DateTime<chrono::Utc>) -> FakeSessions {
    use ActorKind::{Client, Operator, Staff};
    let all = ["things.read", "things.write", "tenants.read"];
    let platform = TenantId::new();
    let staff = |token| actor(Staff, alpha, token, &all);
    let hour_ago = now - chrono::TimeDelta::hours(1);
    let list = [
        (Surface::Client, "clara", actor(Client, alpha, "clara", &all)),
        (Surface::Client, "carl", actor(Client, alpha, "carl", &all)),
        (Surface::Client, "bert", actor(Client, beta, "bert", &all)),
        (Surface::Client, "cleo", actor(Client, alpha, "cleo", &[])),
        (Surface::Admin, "stan", staff("stan")),
        (Surface::Admin, "stella", with_second_factor(&staff("stella"), now)),
        (Surface::Admin, "steve", with_second_factor(&staff("steve"), hour_ago)),
        (
            Surface::Admin,
            "olga",
            with_second_factor(&actor(Operator, platform, "olga", &all), hour_ago),
        ),
        (Surface::Admin, "otto", actor(Operator, platform, "otto", &all)),
    ];
    let sessions = FakeSessions::default();
    for (surface, token, actor) in list {
        sessions.start(surface, token, actor);
    }
    sessions
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A fixture whose guard is configured otherwise.
    pub async fn with(change: impl FnOnce(&mut GuardConfig)) -> Self {
        let db = TestDb::new().await;
        let tenants = FakeTenants::default();
        let [alpha, beta] = ["alpha", "beta"].map(|slug| {
            let tenant = TenantId::new();
            tenants.put(tenant_settings(tenant, slug));
            tenant
        });
        let clock = Clock::system();
        let key = CsrfKey::random();
        let mut config = GuardConfig {
            environment: Environment::Development,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            csrf_key: key.clone(),
            dev_origins: AllowedOrigins {
                client: vec!["http://localhost:3000".to_owned()],
                admin: vec!["http://localhost:3001".to_owned()],
                site: vec!["http://localhost:3002".to_owned()],
            },
            own_origin: "http://localhost:8080".to_owned(),
            limits: RateLimits::unlimited(),
            store: Arc::new(MemoryStore::new()),
            clock: clock.clone(),
            sessions: Arc::new(sessions(alpha, beta, clock.now())),
            tenants: Arc::new(tenants),
            db: db.app.clone(),
        };
        change(&mut config);
        let guard = Guard::new(config, &table()).unwrap();
        Self {
            db,
            clock,
            calls: web::Data::new(Calls::default()),
            gate: web::Data::new(Gate::default()),
            key,
            alpha,
            guard,
        }
    }

    /// The application; every call is another instance with the same database.
    pub async fn app(
        &self,
    ) -> impl Service<Request, Response = ServiceResponse<impl MessageBody + use<>>, Error = Error> + use<>
    {
        let mut unused = RouteTable::default();
        let app = App::new()
            .app_data(self.calls.clone())
            .app_data(self.gate.clone())
            .configure(|config| mount(config, &mut unused))
            .route("/sneaky", web::get().to(async || "sneaky"))
            .route("/api/v1/client/sneaky", web::get().to(async || "sneaky"))
            .wrap(self.guard.clone());
        test::init_service(app).await
    }

    /// Cookie and header of a browser logged in as `token`, on alpha's client app.
    pub fn browser(&self, token: &str, req: test::TestRequest) -> test::TestRequest {
        let csrf = csrf::issue(&self.key, &hash(token));
        req.insert_header(("origin", "https://app.alpha.test"))
            .insert_header(("cookie", format!("bk_client_session={token}; bk_client_csrf={csrf}")))
            .insert_header(("x-csrf-token", csrf))
    }

    /// The same on alpha's admin app.
    pub fn office(&self, token: &str, req: test::TestRequest) -> test::TestRequest {
        let csrf = csrf::issue(&self.key, &hash(token));
        req.insert_header(("origin", "https://admin.alpha.test"))
            .insert_header(("cookie", format!("bk_admin_session={token}; bk_admin_csrf={csrf}")))
            .insert_header(("x-csrf-token", csrf))
    }
}

pub fn get(path: &str) -> test::TestRequest {
    test::TestRequest::get().uri(path).peer_addr(peer("192.0.2.1"))
}

pub fn post(path: &str) -> test::TestRequest {
    test::TestRequest::post().uri(path).peer_addr(peer("192.0.2.1"))
}

/// A POST of a new thing.
pub fn post_json(path: &str) -> test::TestRequest {
    json(post(path), r#"{"name":"spoon"}"#)
}

pub fn json(req: test::TestRequest, body: &str) -> test::TestRequest {
    req.insert_header(("content-type", "application/json"))
        .insert_header(("content-length", body.len().to_string()))
        .set_payload(body.to_owned())
}

pub fn peer(ip: &str) -> SocketAddr {
    SocketAddr::new(ip.parse().unwrap(), 4_242)
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a problem; the empty text for a success.
    pub fn code(&self) -> String {
        if self.status.as_u16() < 400 {
            return String::new();
        }
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub async fn send<S, B>(app: &S, req: test::TestRequest) -> Answer
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (status, headers, body) = match app.call(req.to_request()).await {
        Ok(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, test::read_body(answer).await)
        }
        // What the server makes of an error that has lost its request.
        Err(error) => {
            let answer = error.error_response();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
            (status, headers, body)
        }
    };
    Answer { status, headers, body }
}
