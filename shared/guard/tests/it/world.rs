//! Fake sessions and tenants, and what tests send and read.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use actix_http::Request;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{StatusCode, header::HeaderMap},
    test,
    web::{self, Bytes},
};
use async_trait::async_trait;
use bk_contracts::{
    identity::{Authenticated, SessionAuthority},
    tenants::{AllowedOrigins, ScheduleSettings, TenantRef, TenantSettings, TenantStatus, Tenants},
};
use bk_guard::{CsrfKey, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, csrf};
use bk_kernel::{
    Actor, ActorKind, Clock, Environment, SessionId, SessionRef, Surface, TenantId, UserId,
};
use bk_persistence::DbError;
use bk_testing::TestDb;
use sha2::{Digest, Sha256};

use crate::app::{Calls, Gate, mount, table};

#[derive(Default)]
struct Sessions(HashMap<(Surface, String), Arc<Actor>>);

#[async_trait]
impl SessionAuthority for Sessions {
    async fn authenticate(
        &self,
        surface: Surface,
        token: &str,
    ) -> Result<Option<Authenticated>, DbError> {
        if token == "database-is-down" {
            let gone = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
            return Err(sqlx::Error::Io(gone).into());
        }
        let actor = self.0.get(&(surface, token.to_owned())).cloned();
        Ok(actor.map(|actor| Authenticated { actor, session: Arc::new(()) }))
    }

    fn known(&self, _: Surface, _: &str) -> Option<Authenticated> {
        None
    }
}

struct Directory(Vec<Arc<TenantSettings>>);

#[async_trait]
impl Tenants for Directory {
    async fn by_slug(&self, slug: &str) -> Result<Option<TenantRef>, DbError> {
        let found = self.0.iter().find(|tenant| tenant.slug == slug);
        Ok(found.map(|tenant| TenantRef { id: tenant.tenant_id, status: tenant.status }))
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        Ok(self.0.iter().find(|settings| settings.tenant_id == tenant).cloned())
    }

    async fn origin_known(&self, surface: Surface, origin: &str) -> Result<bool, DbError> {
        Ok(self.0.iter().any(|tenant| {
            let list = match surface {
                Surface::Client => &tenant.origins.client,
                Surface::Admin => &tenant.origins.admin,
                Surface::Site => &tenant.origins.site,
                other => panic!("{other} has no origins"),
            };
            list.iter().any(|known| known == origin)
        }))
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        Ok(self.0.iter().map(|tenant| tenant.tenant_id).collect())
    }
}

fn settings(slug: &str) -> Arc<TenantSettings> {
    let origin = |app: &str| vec![format!("https://{app}.{slug}.test")];
    Arc::new(TenantSettings {
        tenant_id: TenantId::new(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        status: TenantStatus::Active,
        currency: "AUD".parse().unwrap(),
        schedule: ScheduleSettings {
            time_zone: "UTC".to_owned(),
            window_opens: "FRI 12:00".to_owned(),
            window_closes: "MON 00:00".to_owned(),
            cutoff: "MON 09:00".to_owned(),
        },
        origins: AllowedOrigins {
            client: origin("app"),
            admin: origin("admin"),
            site: origin("www"),
        },
        return_origins: Vec::new(),
    })
}

/// What the tests hold in their hands.
pub struct World {
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

fn actor(kind: ActorKind, tenant_id: TenantId, token: &str, permissions: &[&str]) -> Arc<Actor> {
    Arc::new(Actor {
        kind,
        tenant_id,
        user_id: UserId::new(),
        session: SessionRef { id: SessionId::new(), token_hash: hash(token), aal2_at: None },
        roles: Vec::new(),
        permissions: permissions.iter().copied().collect(),
    })
}

fn with_second_factor(actor: &Actor, at: chrono::DateTime<chrono::Utc>) -> Arc<Actor> {
    let mut actor = actor.clone();
    actor.session.aal2_at = Some(at);
    Arc::new(actor)
}

/// The sessions: `clara` and `carl` are customers of alpha, `bert` of beta, `cleo` a customer
/// without permissions; `stan` is staff, `stella` has just shown a second factor and `steve` an hour
/// ago; `olga` is an operator with a second factor, `otto` one without.
fn sessions(alpha: TenantId, beta: TenantId, now: chrono::DateTime<chrono::Utc>) -> Sessions {
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
    Sessions(list.into_iter().map(|(s, token, actor)| ((s, token.to_owned()), actor)).collect())
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose guard is configured otherwise.
    pub async fn with(change: impl FnOnce(&mut GuardConfig)) -> Self {
        let db = TestDb::new().await;
        let (alpha, beta) = (settings("alpha"), settings("beta"));
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
            sessions: Arc::new(sessions(alpha.tenant_id, beta.tenant_id, clock.now())),
            tenants: Arc::new(Directory(vec![alpha.clone(), beta])),
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
            alpha: alpha.tenant_id,
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
