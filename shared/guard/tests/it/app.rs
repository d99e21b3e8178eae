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
use bk_kernel::{self as kernel, Authorized, Surface};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

bk_kernel::permissions! {
    /// Read.
    ThingsRead = "things.read", "Read things";
    /// Write.
    ThingsWrite = "things.write", "Write things";
    /// Tenants.
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
        /// Eating.
        Eating = "EATING",
        /// Cooking.
        Cooking = "COOKING",
    }
}

/// What a thing is for.
type PurposeWord = Word<Purpose>;

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
    healthz: Policy::public();
    login: Policy::before_login(Surface::Client);
    client_me: Policy::own_session(Surface::Client);
    sort_things: Policy::client::<ThingsRead>();
    list_things: Policy::client::<ThingsRead>();
    get_thing: Policy::client::<ThingsRead>();
    post_thing: Policy::client::<ThingsWrite>().writes();
    post_flaky: Policy::client::<ThingsWrite>().writes();
    put_thing: Policy::client::<ThingsWrite>().updates();
    small_thing: Policy::client::<ThingsWrite>().body_limit(64);
    panics: Policy::client::<ThingsRead>();
    fails: Policy::client::<ThingsRead>();
    admin_me: Policy::own_session(Surface::Admin);
    admin_things: Policy::admin::<ThingsRead>();
    delete_thing: Policy::admin::<ThingsWrite>().step_up();
    platform_tenants: Policy::platform::<TenantsRead>();
    enquire: Policy::site();
    site_menu: Policy::site();
    stripe: Policy::webhook();
}

/// Alive.
#[utoipa::path(tag = "health", responses((status = 200, description = "Alive")))]
#[get("/healthz")]
async fn healthz() -> &'static str {
    "ok"
}

/// Log in.
#[utoipa::path(tag = "auth", request_body = NewThing, responses((status = 200, description = "In")))]
#[post("/client/auth/login")]
async fn login(_ctx: RequestContext, body: Json<NewThing>) -> Result<String, Problem> {
    Ok(body.0.name)
}

/// Who am I.
#[utoipa::path(tag = "auth", responses((status = 200, description = "Me")))]
#[get("/client/auth/me")]
async fn client_me(who: Caller) -> String {
    who.actor.user_id.to_string()
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
async fn post_thing(
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

/// Fails the first time.
#[utoipa::path(tag = "things", responses((status = 200, description = "Done")))]
#[post("/client/flaky")]
async fn post_flaky(
    _who: Allowed<ThingsWrite>,
    calls: web::Data<Calls>,
) -> Result<String, Problem> {
    match calls.0.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Problem::internal("the first time always fails")),
        1 => panic!("and the second panics"),
        _ => Ok("done".to_owned()),
    }
}

/// A changed thing.
#[utoipa::path(tag = "things", request_body = NewThing, params(("id" = u32, Path, description = "Its number")),
    responses((status = 200, description = "The thing")))]
#[put("/client/things/{id}")]
async fn put_thing(
    _who: Allowed<ThingsWrite>,
    version: IfMatch,
    body: Json<NewThing>,
) -> Result<String, Problem> {
    version.check(7)?;
    Ok(body.0.name)
}

/// A small thing.
#[utoipa::path(tag = "things", request_body = NewThing, responses((status = 200, description = "Its size")))]
#[post("/client/small")]
async fn small_thing(_who: Allowed<ThingsWrite>, body: RawBody, same: Bytes) -> String {
    assert_eq!(body.0, same, "both ways of reading see the same bytes");
    body.0.len().to_string()
}

/// A defect.
#[utoipa::path(tag = "things", responses((status = 200, description = "Never")))]
#[get("/client/panics")]
async fn panics(_who: Allowed<ThingsRead>) -> &'static str {
    panic!("a secret in a panic: hunter2")
}

/// A failure.
#[utoipa::path(tag = "things", responses((status = 200, description = "Never")))]
#[get("/client/fails")]
async fn fails(_who: Allowed<ThingsRead>) -> Result<String, Problem> {
    Err(Problem::internal("table xyz is on fire"))
}

/// Who am I.
#[utoipa::path(tag = "auth", responses((status = 200, description = "Me")))]
#[get("/admin/auth/me")]
async fn admin_me(who: Caller) -> String {
    who.actor.user_id.to_string()
}

/// All things.
#[utoipa::path(tag = "things", responses((status = 200, description = "All")))]
#[get("/admin/things")]
async fn admin_things(_who: Allowed<ThingsRead>) -> &'static str {
    "all"
}

/// Remove.
#[utoipa::path(tag = "things", params(("id" = u32, Path, description = "Its number")),
    responses(NoContent))]
#[delete("/admin/things/{id}")]
async fn delete_thing(_who: Allowed<ThingsWrite>) -> NoContent {
    NoContent
}

/// All tenants.
#[utoipa::path(tag = "tenants", responses((status = 200, description = "All")))]
#[get("/platform/tenants")]
async fn platform_tenants(_who: Allowed<TenantsRead>) -> &'static str {
    "tenants"
}

/// Ask.
#[utoipa::path(tag = "site", request_body = NewThing, params(("tenant" = String, Path, description = "Slug")),
    responses((status = 200, description = "Asked")))]
#[post("/site/{tenant}/enquiries")]
async fn enquire(body: Json<NewThing>) -> String {
    body.0.name
}

/// Read.
#[utoipa::path(tag = "site", params(("tenant" = String, Path, description = "Slug")),
    responses((status = 200, description = "Menu")))]
#[get("/site/{tenant}/menu")]
async fn site_menu() -> &'static str {
    "menu"
}

/// Paid.
#[utoipa::path(tag = "webhooks", responses((status = 200, description = "Size")))]
#[post("/webhooks/stripe")]
async fn stripe(body: RawBody) -> String {
    body.0.len().to_string()
}

pub fn mount_root(routes: &mut Routes<'_>) {
    routes.mount(healthz).mount(stripe);
}

pub fn mount_api(routes: &mut Routes<'_>) {
    routes
        .mount(login)
        .mount(client_me)
        .mount(sort_things)
        .mount(list_things)
        .mount(get_thing)
        .mount(post_thing)
        .mount(post_flaky)
        .mount(put_thing)
        .mount(small_thing)
        .mount(panics)
        .mount(fails)
        .mount(admin_me)
        .mount(admin_things)
        .mount(delete_thing)
        .mount(platform_tenants)
        .mount(enquire)
        .mount(site_menu);
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
