//! `/platform/tenants` and `/admin/tenant`.

use actix_web::{HttpResponse, get, http::header, patch, post, web};
use bk_contracts::tenants::TenantStatus;
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, Routes,
    Versioned,
};
use bk_kernel::{Code, Currency};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    change_status::{ChangeStatusError, resume_tenant, suspend_tenant},
    create_tenant::{CreateTenant, CreateTenantError, NewOwner, create_tenant},
    read_tenants::{list_kitchens, read_kitchen, read_tenant},
    rename_tenant::{MayRename, RenameTenantError, rename_tenant},
    tenant::{Setup, Slug, Tenant, TenantName},
};
use crate::{
    Admin,
    acting::Acting,
    permissions::{PlatformTenantsRead, PlatformTenantsWrite, SettingsRead, SettingsWrite},
    settings::{Schedule, http::schedule_problem},
    text::{country, plain},
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(create_platform_tenant)
        .mount(list_platform_tenants)
        .mount(get_platform_tenant)
        .mount(rename_platform_tenant)
        .mount(suspend_platform_tenant)
        .mount(resume_platform_tenant)
        .mount(get_own_tenant)
        .mount(rename_own_tenant);
}

/// Creates a kitchen and invites its owner.
#[utoipa::path(
    tag = "tenants",
    request_body = NewTenantDto,
    responses((status = 201, description = "The kitchen", body = TenantDto))
)]
#[post("/platform/tenants")]
pub(crate) async fn create_platform_tenant(
    who: Allowed<PlatformTenantsWrite>,
    body: Json<NewTenantDto>,
    admin: web::Data<Admin>,
) -> Result<HttpResponse, Problem> {
    let new = body.0.read()?;
    let tenant = create_tenant(&admin, who.permit, Acting::from(&who.caller), new).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, ETag(tenant.version).header()))
        .json(TenantDto::from(&tenant)))
}

impl Guarded for create_platform_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().writes();
}

/// The kitchens of the deployment, oldest first.
#[utoipa::path(tag = "tenants", params(PageQuery), responses((status = 200, description = "A page of kitchens", body = TenantListDto)))]
#[get("/platform/tenants")]
pub(crate) async fn list_platform_tenants(
    who: Allowed<PlatformTenantsRead>,
    query: Query<PageQuery>,
    admin: web::Data<Admin>,
) -> Result<Json<TenantListDto>, Problem> {
    let (limit, after) = query.0.page()?;
    let page = list_kitchens(&admin, who.permit, limit, after).await?;
    let page = page.map(|tenant| TenantDto::from(&tenant));
    Ok(Json(TenantListDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_platform_tenants {
    const POLICY: Policy = Policy::platform::<PlatformTenantsRead>();
}

/// One kitchen.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The kitchen")),
    responses((status = 200, description = "The kitchen", body = TenantDto))
)]
#[get("/platform/tenants/{id}")]
pub(crate) async fn get_platform_tenant(
    who: Allowed<PlatformTenantsRead>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<TenantDto>, Problem> {
    let tenant = read_kitchen(&admin, who.permit, id.0.into()).await?;
    tenant.as_ref().map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_platform_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsRead>();
}

/// Renames a kitchen.
///
/// Its slug stays.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The kitchen")),
    request_body = TenantPatchDto,
    responses((status = 200, description = "The kitchen as it is now", body = TenantDto))
)]
#[patch("/platform/tenants/{id}")]
pub(crate) async fn rename_platform_tenant(
    who: Allowed<PlatformTenantsWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<TenantPatchDto>,
    admin: web::Data<Admin>,
) -> Result<Versioned<TenantDto>, Problem> {
    let may = MayRename::Kitchen(who.permit, id.0.into());
    let by = Acting::from(&who.caller);
    let tenant = rename_tenant(&admin, may, by, (version.0).0, name(&body.0.name)?).await?;
    Ok(versioned(&tenant))
}

impl Guarded for rename_platform_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().updates();
}

/// Suspends a kitchen.
///
/// Its sessions end at once and nobody of it can log in. A suspended kitchen stays suspended.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The kitchen")),
    responses((status = 200, description = "The kitchen, suspended", body = TenantDto))
)]
#[post("/platform/tenants/{id}/suspend")]
pub(crate) async fn suspend_platform_tenant(
    who: Allowed<PlatformTenantsWrite>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<TenantDto>, Problem> {
    let by = Acting::from(&who.caller);
    Ok(versioned(&suspend_tenant(&admin, who.permit, by, id.0.into()).await?))
}

impl Guarded for suspend_platform_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().writes();
}

/// Resumes a suspended kitchen.
///
/// Its people can log in again. An active kitchen stays active.
#[utoipa::path(
    tag = "tenants",
    params(("id" = Uuid, Path, description = "The kitchen")),
    responses((status = 200, description = "The kitchen, active", body = TenantDto))
)]
#[post("/platform/tenants/{id}/resume")]
pub(crate) async fn resume_platform_tenant(
    who: Allowed<PlatformTenantsWrite>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<TenantDto>, Problem> {
    let by = Acting::from(&who.caller);
    Ok(versioned(&resume_tenant(&admin, who.permit, by, id.0.into()).await?))
}

impl Guarded for resume_platform_tenant {
    const POLICY: Policy = Policy::platform::<PlatformTenantsWrite>().writes();
}

/// The caller's kitchen.
#[utoipa::path(tag = "tenants", responses((status = 200, description = "The kitchen", body = TenantDto)))]
#[get("/admin/tenant")]
pub(crate) async fn get_own_tenant(
    who: Allowed<SettingsRead>,
    admin: web::Data<Admin>,
) -> Result<Versioned<TenantDto>, Problem> {
    let tenant = read_tenant(admin.db(), who.caller.tenant_id()).await?;
    tenant.as_ref().map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_own_tenant {
    const POLICY: Policy = Policy::admin::<SettingsRead>();
}

/// Renames the caller's kitchen.
///
/// Its slug stays.
#[utoipa::path(
    tag = "tenants",
    request_body = TenantPatchDto,
    responses((status = 200, description = "The kitchen as it is now", body = TenantDto))
)]
#[patch("/admin/tenant")]
pub(crate) async fn rename_own_tenant(
    who: Allowed<SettingsWrite>,
    version: IfMatch,
    body: Json<TenantPatchDto>,
    admin: web::Data<Admin>,
) -> Result<Versioned<TenantDto>, Problem> {
    let may = MayRename::Own(who.permit);
    let by = Acting::from(&who.caller);
    let tenant = rename_tenant(&admin, may, by, (version.0).0, name(&body.0.name)?).await?;
    Ok(versioned(&tenant))
}

impl Guarded for rename_own_tenant {
    const POLICY: Policy = Policy::admin::<SettingsWrite>().updates();
}

/// A kitchen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct TenantDto {
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000000")]
    id: Uuid,
    /// Names it in addresses and logins; never changes.
    #[schema(example = "greenfork")]
    slug: String,
    #[schema(example = "Green Fork")]
    name: String,
    status: TenantStatusDto,
    /// ISO 4217; never changes.
    #[schema(example = "AUD")]
    currency: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "AU")]
    country: String,
    /// IANA time zone.
    #[schema(example = "Australia/Brisbane")]
    time_zone: String,
    setup: SetupDto,
    #[schema(example = "2026-11-20T00:00:00Z")]
    created_at: DateTime<Utc>,
}

/// Whether a kitchen may be used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = TenantStatus, example = "ACTIVE")]
pub(crate) enum TenantStatusDto {
    Active,
    Suspended,
}

/// `PENDING` until the kitchen's staff have saved their settings once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = TenantSetup, example = "COMPLETE")]
pub(crate) enum SetupDto {
    Pending,
    Complete,
}

/// A page of kitchens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenantList)]
pub(crate) struct TenantListDto {
    items: Vec<TenantDto>,
    #[schema(example = "019ab0c27d1e7f008000000000000000")]
    next_cursor: Option<String>,
}

/// A kitchen to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTenant)]
pub(crate) struct NewTenantDto {
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
    owner: NewOwnerDto,
}

/// The first member of a kitchen.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOwner)]
pub(crate) struct NewOwnerDto {
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

/// What of a kitchen can be changed here.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TenantPatch)]
pub(crate) struct TenantPatchDto {
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

impl NewTenantDto {
    fn read(self) -> Result<CreateTenant, Problem> {
        Ok(CreateTenant {
            slug: Slug::kitchen(&self.slug)
                .map_err(|why| Problem::field("/slug", "format", why.to_string()))?,
            name: name(&self.name)?,
            country: self.country,
            currency: self.currency.parse::<Currency>().map_err(|_| {
                Problem::field("/currency", "format", "three upper-case letters (ISO 4217)")
            })?,
            schedule: Schedule::default_in(&self.time_zone)
                .map_err(|why| schedule_problem(why, ""))?,
            owner: NewOwner { email: self.owner.email, display_name: self.owner.display_name },
        })
    }
}

fn name(text: &str) -> Result<TenantName, Problem> {
    TenantName::parse(text).ok_or_else(|| Problem::field("/name", "format", "1 to 120 characters"))
}

fn versioned(tenant: &Tenant) -> Versioned<TenantDto> {
    Versioned { etag: ETag(tenant.version), body: TenantDto::from(tenant) }
}

impl From<&Tenant> for TenantDto {
    fn from(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id.uuid(),
            slug: tenant.slug.to_string(),
            name: tenant.name.as_str().to_owned(),
            status: match tenant.status {
                TenantStatus::Active => TenantStatusDto::Active,
                TenantStatus::Suspended => TenantStatusDto::Suspended,
            },
            currency: tenant.currency.to_string(),
            country: tenant.country.clone(),
            time_zone: tenant.schedule.settings().time_zone,
            setup: match tenant.setup {
                Setup::Pending => SetupDto::Pending,
                Setup::Complete => SetupDto::Complete,
            },
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
