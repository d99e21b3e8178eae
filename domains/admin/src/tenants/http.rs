//! `/platform/tenants` and `/admin/tenant`.

use actix_web::{get, patch, post, web};
use bk_contracts::tenants::TenantStatus;
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, Page, Path, Policy, Problem, Routes,
    Versioned, Word,
};
use bk_kernel::{
    Code, Currency, TenantId, WeeklySchedule,
    schedule::{ScheduleError, parse_time_zone},
};
use bk_persistence::DbError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    change_status::{self, ChangeStatusError},
    create_tenant::{CreateTenant, CreateTenantError, NewOwner},
    read_tenants::{self, ListTenantsError},
    rename_tenant::RenameTenantError,
    tenant::{self, Slug, TenantName, TenantSetup},
};
use crate::{
    Admin,
    permissions::{PlatformTenantsRead, PlatformTenantsWrite, SettingsRead, SettingsWrite},
    text::{country, plain},
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(create_tenant)
        .mount(list_tenants)
        .mount(get_tenant)
        .mount(rename_tenant)
        .mount(suspend_tenant)
        .mount(resume_tenant)
        .mount(get_own_tenant)
        .mount(rename_own_tenant);
}

/// Create a tenant and invite its owner
#[utoipa::path(tag = "tenants", request_body = TenantForm, responses(Created<Tenant>))]
#[post("/platform/tenants")]
pub(crate) async fn create_tenant(
    who: Allowed<PlatformTenantsWrite>,
    body: Json<TenantForm>,
    admin: web::Data<Admin>,
) -> Result<Created<Tenant>, Problem> {
    let ctx = who.in_tenant(TenantId::new())?;
    let new = body.0.into_command()?;
    let tenant = super::create_tenant::create_tenant(&ctx, &admin, new).await?;
    Ok(Created::below(tenant.id, ETag(tenant.version), tenant.into()))
}

impl Guarded for create_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().writes();
}

/// List the tenants of the deployment
///
/// Oldest first.
#[utoipa::path(tag = "tenants", params(ListQuery), responses(Page<Tenant>))]
#[get("/platform/tenants")]
pub(crate) async fn list_tenants(
    who: Allowed<PlatformTenantsRead>,
    query: ListQuery,
    admin: web::Data<Admin>,
) -> Result<Page<Tenant>, Problem> {
    let (limit, cursor) = query.page();
    let page = read_tenants::list_tenants(&who, &admin, limit, cursor).await?;
    Ok(page.map(Tenant::from).into())
}

impl Guarded for list_tenants {
    const POLICY: Policy = Policy::platform::<PlatformTenantsRead>();
}

/// Get a tenant
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The tenant")),
    responses(Versioned<Tenant>)
)]
#[get("/platform/tenants/{id}")]
pub(crate) async fn get_tenant(
    who: Allowed<PlatformTenantsRead>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Tenant>, Problem> {
    let ctx = who.in_tenant(id.0.into())?;
    let found = admin
        .db()
        .read(&ctx, ctx.clone(), async |tx, ctx| read_tenants::get_tenant(&ctx, &tx).await);
    let found: Result<Option<tenant::Tenant>, DbError> = found.await;
    found?.map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsRead>();
}

/// Rename a tenant
///
/// Its slug stays.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The tenant")),
    request_body = TenantNameForm,
    responses(Versioned<Tenant>)
)]
#[patch("/platform/tenants/{id}")]
pub(crate) async fn rename_tenant(
    who: Allowed<PlatformTenantsWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<TenantNameForm>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Tenant>, Problem> {
    let (ctx, name) = (who.in_tenant(id.0.into())?, name(&body.0.name)?);
    let version = (version.0).0;
    Ok(versioned(super::rename_tenant::rename_tenant(&ctx, &admin, version, name).await?))
}

impl Guarded for rename_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().updates();
}

/// Suspend a tenant
///
/// Its sessions end at once and none of its people can log in. A suspended tenant stays suspended.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The tenant")),
    responses(Versioned<Tenant>)
)]
#[post("/platform/tenants/{id}/suspend")]
pub(crate) async fn suspend_tenant(
    who: Allowed<PlatformTenantsWrite>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Tenant>, Problem> {
    let ctx = who.in_tenant(id.0.into())?;
    Ok(versioned(change_status::suspend_tenant(&ctx, &admin).await?))
}

impl Guarded for suspend_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().writes();
}

/// Resume a suspended tenant
///
/// Its people can log in again. An active tenant stays active.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The tenant")),
    responses(Versioned<Tenant>)
)]
#[post("/platform/tenants/{id}/resume")]
pub(crate) async fn resume_tenant(
    who: Allowed<PlatformTenantsWrite>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Tenant>, Problem> {
    let ctx = who.in_tenant(id.0.into())?;
    Ok(versioned(change_status::resume_tenant(&ctx, &admin).await?))
}

impl Guarded for resume_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().writes();
}

/// Get the caller's tenant
#[utoipa::path(tag = "tenants", responses(Versioned<Tenant>))]
#[get("/admin/tenant")]
pub(crate) async fn get_own_tenant(
    who: Allowed<SettingsRead>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Tenant>, Problem> {
    let found = admin
        .db()
        .read(&who, who.clone(), async |tx, who| read_tenants::get_own_tenant(&who, &tx).await);
    let found: Result<Option<tenant::Tenant>, DbError> = found.await;
    found?.map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_own_tenant {
    const POLICY: Policy = Policy::admin::<SettingsRead>();
}

/// Rename the caller's tenant
///
/// Its slug stays.
#[utoipa::path(tag = "tenants", request_body = TenantNameForm, responses(Versioned<Tenant>))]
#[patch("/admin/tenant")]
pub(crate) async fn rename_own_tenant(
    who: Allowed<SettingsWrite>,
    version: IfMatch,
    body: Json<TenantNameForm>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Tenant>, Problem> {
    let (version, name) = ((version.0).0, name(&body.0.name)?);
    Ok(versioned(super::rename_tenant::rename_own_tenant(&who, &admin, version, name).await?))
}

impl Guarded for rename_own_tenant {
    const POLICY: Policy = Policy::admin::<SettingsWrite>().updates();
}

/// Whether a tenant may be used.
type TenantStatusWord = Word<TenantStatus>;

/// `PENDING` until the tenant's staff have saved their settings once.
type TenantSetupWord = Word<TenantSetup>;

/// A tenant and what it is called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tenant {
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000000")]
    id: Uuid,
    /// Names the tenant in addresses and logins; never changes.
    #[schema(example = "greenfork")]
    slug: String,
    #[schema(example = "Green Fork")]
    name: String,
    status: TenantStatusWord,
    /// ISO 4217; never changes.
    #[schema(example = "AUD")]
    currency: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "AU")]
    country: String,
    /// IANA time zone.
    #[schema(example = "Australia/Brisbane")]
    time_zone: String,
    setup: TenantSetupWord,
    #[schema(example = "2026-11-20T00:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A tenant to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantForm {
    /// Unique in the deployment; never changes. `platform` is reserved.
    #[validate(length(min = 3, max = 40, message = "3 to 40 characters"))]
    #[schema(
        min_length = 3,
        max_length = 40,
        pattern = "^[a-z0-9-]{3,40}$",
        example = "greenfork"
    )]
    slug: String,
    #[validate(
        length(min = 1, max = 120, message = "1 to 120 characters"),
        custom(function = "plain")
    )]
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
        example = "Green Fork"
    )]
    name: String,
    /// ISO 3166-1 alpha-2.
    #[validate(custom(function = "country"))]
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$", example = "AU")]
    country: String,
    /// ISO 4217; never changes.
    #[validate(length(equal = 3, message = "three upper-case letters (ISO 4217)"))]
    #[schema(min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "AUD")]
    currency: String,
    /// IANA time zone.
    #[validate(length(min = 1, max = 64, message = "at most 64 characters"))]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_+/-]+$",
        example = "Australia/Brisbane"
    )]
    time_zone: String,
    #[validate(nested)]
    owner: OwnerForm,
}

/// The first member of a tenant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerForm {
    /// Where the invitation goes.
    #[validate(
        length(min = 3, max = 254, message = "3 to 254 characters"),
        custom(function = "plain")
    )]
    #[schema(
        min_length = 3,
        max_length = 254,
        format = "email",
        example = "owner@greenfork.example"
    )]
    email: String,
    #[validate(
        length(min = 1, max = 120, message = "1 to 120 characters"),
        custom(function = "plain")
    )]
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
        example = "Robin Greenfork"
    )]
    display_name: String,
}

/// The new name of a tenant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantNameForm {
    #[validate(
        length(min = 1, max = 120, message = "1 to 120 characters"),
        custom(function = "plain")
    )]
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
        example = "Green Fork Kitchen"
    )]
    name: String,
}

impl TenantForm {
    fn into_command(self) -> Result<CreateTenant, Problem> {
        Ok(CreateTenant {
            slug: Slug::unreserved(&self.slug)
                .map_err(|why| Problem::field("/slug", "format", why.to_string()))?,
            name: name(&self.name)?,
            country: self.country,
            currency: self.currency.parse::<Currency>().map_err(|_| {
                Problem::field("/currency", "format", "three upper-case letters (ISO 4217)")
            })?,
            schedule: parse_time_zone(&self.time_zone)
                .map(WeeklySchedule::standard)
                .map_err(|why| schedule_problem(why, ""))?,
            owner: NewOwner { email: self.owner.email, display_name: self.owner.display_name },
        })
    }
}

fn name(text: &str) -> Result<TenantName, Problem> {
    TenantName::parse(text).ok_or_else(|| Problem::field("/name", "format", "1 to 120 characters"))
}

fn versioned(tenant: tenant::Tenant) -> Versioned<Tenant> {
    Versioned { etag: ETag(tenant.version), body: tenant.into() }
}

/// Points at the refused part of a schedule below `at`.
pub(crate) fn schedule_problem(why: ScheduleError, at: &str) -> Problem {
    let (field, code) = match why {
        ScheduleError::TimeZone => ("time_zone", "choice"),
        ScheduleError::WindowOpens => ("window_opens", "format"),
        ScheduleError::WindowCloses => ("window_closes", "format"),
        ScheduleError::Cutoff => ("cutoff", "format"),
        ScheduleError::EmptyWindow => ("window_closes", "range"),
        ScheduleError::CutoffBeforeClosing => ("cutoff", "range"),
    };
    Problem::field(format!("{at}/{field}"), code, why.to_string())
}

impl From<tenant::Tenant> for Tenant {
    fn from(tenant: tenant::Tenant) -> Self {
        Self {
            id: tenant.id.uuid(),
            slug: tenant.slug.to_string(),
            name: tenant.name.as_str().to_owned(),
            status: tenant.status.into(),
            currency: tenant.currency.to_string(),
            country: tenant.country,
            time_zone: tenant.schedule.time_zone().name().to_owned(),
            setup: tenant.setup.into(),
            created_at: tenant.created_at,
        }
    }
}

impl From<CreateTenantError> for Problem {
    fn from(error: CreateTenantError) -> Self {
        match error {
            CreateTenantError::SlugTaken => {
                Self::new(Code::Conflict).detail("Another kitchen has this slug; choose another.")
            }
            CreateTenantError::OwnerEmail => {
                Self::field("/owner/email", "format", "write an e-mail address")
            }
            CreateTenantError::Invite(error) => Self::internal(error),
            CreateTenantError::Db(error) => error.into(),
        }
    }
}

impl From<ChangeStatusError> for Problem {
    fn from(error: ChangeStatusError) -> Self {
        match error {
            ChangeStatusError::NotFound => Self::new(Code::NotFound),
            ChangeStatusError::Db(error) => error.into(),
        }
    }
}

impl From<RenameTenantError> for Problem {
    fn from(error: RenameTenantError) -> Self {
        match error {
            RenameTenantError::NotFound => Self::new(Code::NotFound),
            RenameTenantError::Stale => Self::new(Code::PreconditionFailed),
            RenameTenantError::Db(error) => error.into(),
        }
    }
}

impl From<ListTenantsError> for Problem {
    fn from(error: ListTenantsError) -> Self {
        match error {
            ListTenantsError::NotOperator(code) => code.into(),
            ListTenantsError::Db(error) => error.into(),
        }
    }
}
