//! The application under test: a handful of guarded routes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix_web::{
    App, delete, get, post, put,
    web::{self, Bytes, ServiceConfig},
};
use bk_guard::{
    Allowed, Caller, Created, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Policy,
    Problem, RawBody, RequestContext, RouteTable, Routes, Versioned, Word,
};
use bk_kernel::{self as kernel, Authorized, Surface, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

bk_kernel::permissions! {
    /// Reads what is in the drawer.
    ThingsRead = "things.read", "Read things";
    /// Changes what is in the drawer.
    ThingsWrite = "things.write", "Write things";
    /// Reads the list of tenants.
    TenantsRead = "tenants.read", "Read tenants";
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewThing {
    #[validate(length(min = 1, max = 40, message = "1 to 40 characters"))]
    #[schema(min_length = 1, max_length = 40, example = "spoon")]
    pub name: String,
}

/// A thing of the drawer. It has a number.
#[derive(Serialize, ToSchema)]
pub struct Thing {
    pub name: String,
    pub number: usize,
}

bk_kernel::string_enum! {
    /// What a thing is for.
    pub enum Purpose: "a purpose" {
        /// A tool to eat with.
        Eating = "EATING",
        /// A tool to cook with.
        Cooking = "COOKING",
    }
}

/// What a thing is for.
type PurposeWord = Word<Purpose>;

/// The caller of a route.
#[derive(Serialize, ToSchema)]
#[schema(as = Caller)]
pub struct CallerBody {
    pub user_id: Option<Uuid>,
}

/// How much there is of something.
#[derive(Serialize, ToSchema)]
pub struct Measure {
    pub bytes: usize,
}

/// The path of a site's route.
#[derive(Deserialize, IntoParams)]
pub struct TenantPath {
    /// The slug of the tenant.
    pub tenant: String,
}

/// A thing in a list.
#[derive(Serialize, ToSchema)]
pub struct ThingSummary {
    pub name: String,
    pub purpose: PurposeWord,
}

/// Which things to list.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ThingFilter {
    /// What they are for.
    #[param(inline)]
    purpose: Option<PurposeWord>,
}

/// How often handlers ran.
#[derive(Default)]
pub struct Calls(pub AtomicUsize);

impl Calls {
    pub fn made(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

macro_rules! guarded {
    ($($handler:ident: $policy:expr;)+) => {$(
        impl Guarded for $handler {
            const POLICY: Policy = $policy;
        }
    )+};
}

guarded! {
    check_health: Policy::public();
    log_in: Policy::before_login(Surface::Client);
    get_client_caller: Policy::own_session(Surface::Client);
    sort_things: Policy::client::<ThingsRead>();
    list_things: Policy::client::<ThingsRead>();
    get_thing: Policy::client::<ThingsRead>();
    create_thing: Policy::client::<ThingsWrite>().writes();
    repair_things: Policy::client::<ThingsWrite>().writes();
    update_thing: Policy::client::<ThingsWrite>().updates();
    measure_thing: Policy::client::<ThingsWrite>().body_limit(64);
    get_panic: Policy::client::<ThingsRead>();
    get_failure: Policy::client::<ThingsRead>();
    get_admin_caller: Policy::own_session(Surface::Admin);
    count_things: Policy::admin::<ThingsRead>();
    delete_thing: Policy::admin::<ThingsWrite>().step_up();
    count_tenants: Policy::platform::<TenantsRead>();
    send_enquiry: Policy::site();
    get_site_menu: Policy::site();
    receive_event: Policy::webhook();
}

/// Check health
#[utoipa::path(tag = "health", responses(Json<Measure>))]
#[get("/healthz")]
async fn check_health() -> Json<Measure> {
    Json(Measure { bytes: 0 })
}

/// Log in
#[utoipa::path(tag = "auth", responses(Json<Thing>))]
#[post("/client/auth/login")]
async fn log_in(request: RequestContext, body: Json<NewThing>) -> Result<Json<Thing>, Problem> {
    assert_eq!(request.surface, Surface::Client);
    Ok(Json(Thing { name: body.0.name, number: 0 }))
}

/// Get the caller
#[utoipa::path(tag = "auth", operation_id = "get_client_caller", responses(Json<CallerBody>))]
#[get("/client/auth/me")]
async fn get_client_caller(who: Caller) -> Json<CallerBody> {
    Json(CallerBody { user_id: who.user_id().map(UserId::uuid) })
}

/// List things
#[utoipa::path(tag = "things", params(ListQuery<ThingFilter>), responses(Page<ThingSummary>))]
#[get("/client/things")]
async fn list_things(
    _who: Allowed<ThingsRead>,
    query: ListQuery<ThingFilter>,
) -> Page<ThingSummary> {
    let (limit, after) = query.page();
    let purpose = query.filter.purpose.unwrap_or(Word(Purpose::Eating));
    let summary = |name| ThingSummary { name, purpose };
    let rows = (1..=30).map(Uuid::from_u128).filter(|id| after.is_none_or(|seen| *id > seen.0));
    kernel::Page::from_overfetch(rows.collect(), limit, |id| *id)
        .map(|id: Uuid| summary(format!("thing {}", id.as_u128())))
        .into()
}

/// Get a thing
#[utoipa::path(tag = "things", responses(Versioned<Thing>))]
#[get("/client/things/{id}")]
async fn get_thing(_who: Allowed<ThingsRead>, id: bk_guard::Path<usize>) -> Versioned<Thing> {
    let number = id.0;
    Versioned { etag: ETag(7), body: Thing { name: format!("thing {number}"), number } }
}

/// Create a thing
#[utoipa::path(tag = "things", responses(Created<Thing>))]
#[post("/client/things")]
async fn create_thing(
    who: Allowed<ThingsWrite>,
    calls: web::Data<Calls>,
    gate: web::Data<Gate>,
    body: Json<NewThing>,
) -> Created<Thing> {
    let number = calls.0.fetch_add(1, Ordering::SeqCst) + 1;
    gate.pass().await;
    Created::below(number, ETag(1), make_thing(&who, body.0, number))
}

/// A use case: it takes the proof.
fn make_thing(_who: &Authorized<ThingsWrite>, new: NewThing, number: usize) -> Thing {
    Thing { name: new.name, number }
}

/// Where to put a thing.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sorting {
    purpose: PurposeWord,
}

/// Sort things
#[utoipa::path(tag = "things", responses(NoContent))]
#[post("/client/sort")]
async fn sort_things(_who: Allowed<ThingsRead>, body: Json<Sorting>) -> NoContent {
    assert!(Purpose::ALL.contains(&body.0.purpose.0));
    NoContent
}

/// Repair things
///
/// Fails the first time and panics the second time.
#[utoipa::path(tag = "things", responses(Json<Measure>))]
#[post("/client/flaky")]
async fn repair_things(
    _who: Allowed<ThingsWrite>,
    calls: web::Data<Calls>,
) -> Result<Json<Measure>, Problem> {
    match calls.0.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Problem::internal("the first time always fails")),
        1 => panic!("and the second panics"),
        number => Ok(Json(Measure { bytes: number })),
    }
}

/// Update a thing
#[utoipa::path(tag = "things", responses(Versioned<Thing>))]
#[put("/client/things/{id}")]
async fn update_thing(
    _who: Allowed<ThingsWrite>,
    version: IfMatch,
    id: bk_guard::Path<usize>,
    body: Json<NewThing>,
) -> Result<Versioned<Thing>, Problem> {
    version.check(7)?;
    Ok(Versioned { etag: ETag(8), body: Thing { name: body.0.name, number: id.0 } })
}

/// Measure a thing
#[utoipa::path(tag = "things", request_body = NewThing, responses(Json<Measure>))]
#[post("/client/small")]
async fn measure_thing(_who: Allowed<ThingsWrite>, body: RawBody, same: Bytes) -> Json<Measure> {
    assert_eq!(body.0, same, "both ways of reading see the same bytes");
    Json(Measure { bytes: body.0.len() })
}

/// Get a panic
#[utoipa::path(tag = "things", responses(NoContent))]
#[get("/client/panics")]
async fn get_panic(_who: Allowed<ThingsRead>) -> NoContent {
    panic!("a secret in a panic: hunter2")
}

/// Get a failure
#[utoipa::path(tag = "things", responses(NoContent))]
#[get("/client/fails")]
async fn get_failure(_who: Allowed<ThingsRead>) -> Result<NoContent, Problem> {
    Err(Problem::internal("table xyz is on fire"))
}

/// Get the caller
#[utoipa::path(tag = "auth", operation_id = "get_admin_caller", responses(Json<CallerBody>))]
#[get("/admin/auth/me")]
async fn get_admin_caller(who: Caller) -> Json<CallerBody> {
    Json(CallerBody { user_id: who.user_id().map(UserId::uuid) })
}

/// Count all things
#[utoipa::path(tag = "things", responses(Json<Measure>))]
#[get("/admin/things")]
async fn count_things(_who: Allowed<ThingsRead>) -> Json<Measure> {
    Json(Measure { bytes: 0 })
}

/// Delete a thing
#[utoipa::path(tag = "things", responses(NoContent))]
#[delete("/admin/things/{id}")]
async fn delete_thing(_who: Allowed<ThingsWrite>) -> NoContent {
    NoContent
}

/// Count all tenants
#[utoipa::path(tag = "tenants", responses(Json<Measure>))]
#[get("/platform/tenants")]
async fn count_tenants(_who: Allowed<TenantsRead>) -> Json<Measure> {
    Json(Measure { bytes: 0 })
}

/// Send an enquiry
#[utoipa::path(tag = "site", params(TenantPath), responses(Json<Thing>))]
#[post("/site/{tenant}/enquiries")]
async fn send_enquiry(body: Json<NewThing>) -> Json<Thing> {
    Json(Thing { name: body.0.name, number: 0 })
}

/// Get the menu of a site
#[utoipa::path(tag = "site", params(TenantPath), responses(Json<Thing>))]
#[get("/site/{tenant}/menu")]
async fn get_site_menu(path: bk_guard::Path<TenantPath>) -> Json<Thing> {
    Json(Thing { name: path.0.tenant, number: 0 })
}

/// Receive an event
#[utoipa::path(tag = "webhooks", responses(Json<Measure>))]
#[post("/webhooks/stripe")]
async fn receive_event(body: RawBody) -> Json<Measure> {
    Json(Measure { bytes: body.0.len() })
}

pub fn mount_root(routes: &mut Routes<'_>) {
    routes.mount(check_health).mount(receive_event);
}

pub fn mount_api(routes: &mut Routes<'_>) {
    routes
        .mount(log_in)
        .mount(get_client_caller)
        .mount(sort_things)
        .mount(list_things)
        .mount(get_thing)
        .mount(create_thing)
        .mount(repair_things)
        .mount(update_thing)
        .mount(measure_thing)
        .mount(get_panic)
        .mount(get_failure)
        .mount(get_admin_caller)
        .mount(count_things)
        .mount(delete_thing)
        .mount(count_tenants)
        .mount(send_enquiry)
        .mount(get_site_menu);
}

pub fn mount(config: &mut ServiceConfig, table: &mut RouteTable) {
    mount_root(&mut Routes::new(config, table, ""));
    config.service(
        web::scope("/api/v1")
            .configure(|scope| mount_api(&mut Routes::new(scope, table, "/api/v1"))),
    );
}

/// The table, as a host collects it: by mounting once and throwing the application away.
pub fn table() -> RouteTable {
    let mut table = RouteTable::default();
    drop(App::new().configure(|config| mount(config, &mut table)));
    table
}

/// Handlers that wait until a test lets them go.
#[derive(Default)]
pub struct Gate {
    closed: AtomicBool,
    pub reached: tokio::sync::Notify,
    pub open: tokio::sync::Notify,
}

impl Gate {
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    async fn pass(&self) {
        if self.closed.swap(false, Ordering::SeqCst) {
            self.reached.notify_one();
            self.open.notified().await;
        }
    }
}
