//! `/admin/settings`.

use actix_web::{get, patch, web};
use bk_contracts::tenants::ScheduleSettings;
use bk_guard::{Allowed, ETag, Guarded, IfMatch, Json, Policy, Problem, Routes, Versioned};
use bk_kernel::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    ChangeSettings, ChangeSettingsError, OriginsChange, ScheduleChange, ScheduleError,
    change_settings,
    change_settings::{OriginList, OriginListError},
};
use crate::{
    Admin,
    acting::Acting,
    permissions::{SettingsRead, SettingsWrite},
    tenants::{Tenant, read_tenant},
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(get_settings).mount(update_settings);
}

/// The settings of the caller's kitchen.
///
/// They share their version, and so their `ETag`, with `/admin/tenant`.
#[utoipa::path(tag = "settings", responses((status = 200, description = "The settings", body = SettingsDto)))]
#[get("/admin/settings")]
pub(crate) async fn get_settings(
    who: Allowed<SettingsRead>,
    admin: web::Data<Admin>,
) -> Result<Versioned<SettingsDto>, Problem> {
    let tenant = read_tenant(admin.db(), who.caller.tenant_id()).await?;
    tenant.as_ref().map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_settings {
    const POLICY: Policy = Policy::admin::<SettingsRead>();
}

/// Changes the settings of the caller's kitchen.
///
/// What is left out stays. A new schedule applies to weeks that have not opened yet. The currency
/// cannot change.
#[utoipa::path(
    tag = "settings",
    request_body = SettingsPatchDto,
    responses((status = 200, description = "The settings as they are now", body = SettingsDto))
)]
#[patch("/admin/settings")]
pub(crate) async fn update_settings(
    who: Allowed<SettingsWrite>,
    version: IfMatch,
    body: Json<SettingsPatchDto>,
    admin: web::Data<Admin>,
) -> Result<Versioned<SettingsDto>, Problem> {
    let change = body.0.change((version.0).0);
    let tenant = change_settings(&admin, who.permit, Acting::from(&who.caller), change).await?;
    Ok(versioned(&tenant))
}

impl Guarded for update_settings {
    const POLICY: Policy = Policy::admin::<SettingsWrite>().updates();
}

/// The settings of a kitchen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(crate) struct SettingsDto {
    /// ISO 4217; it cannot change.
    #[schema(example = "AUD")]
    currency: String,
    schedule: ScheduleDto,
    origins: OriginsDto,
    /// Origins a checkout may return to.
    #[schema(example = json!(["https://order.greenfork.example"]))]
    return_origins: Vec<String>,
}

/// The weekly schedule, in local wall time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Schedule)]
pub(crate) struct ScheduleDto {
    /// IANA time zone.
    #[schema(example = "Australia/Brisbane")]
    time_zone: String,
    /// When ordering opens.
    #[schema(example = "FRI 12:00")]
    window_opens: String,
    /// When it closes; at that very minute it is closed.
    #[schema(example = "MON 00:00")]
    window_closes: String,
    /// When production locks.
    #[schema(example = "MON 09:00")]
    cutoff: String,
}

/// Browser origins that are admitted, per surface.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Origins)]
pub(crate) struct OriginsDto {
    /// Of the customers' app.
    #[schema(example = json!(["https://order.greenfork.example"]))]
    client: Vec<String>,
    /// Of the staff's app.
    #[schema(example = json!(["https://desk.greenfork.example"]))]
    admin: Vec<String>,
    /// Of the marketing site.
    #[schema(example = json!(["https://www.greenfork.example"]))]
    site: Vec<String>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettingsPatch)]
pub(crate) struct SettingsPatchDto {
    #[serde(default)]
    #[validate(nested)]
    schedule: Option<SchedulePatchDto>,
    #[serde(default)]
    #[validate(nested)]
    origins: Option<OriginsPatchDto>,
    /// Replaces the list of origins a checkout may return to.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://order.greenfork.example"]))]
    return_origins: Option<Vec<OriginText>>,
}

/// Opening, then closing, then the cutoff (at the earliest with the closing), within one week.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SchedulePatch)]
pub(crate) struct SchedulePatchDto {
    /// IANA time zone.
    #[serde(default)]
    #[validate(length(min = 1, max = 64, message = "at most 64 characters"))]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_+/-]+$",
        example = "Australia/Brisbane"
    )]
    time_zone: Option<String>,
    /// When ordering opens.
    #[serde(default)]
    #[validate(length(equal = 9, message = "write FRI 12:00"))]
    #[schema(
        min_length = 9,
        max_length = 9,
        pattern = "^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$",
        example = "FRI 12:00"
    )]
    window_opens: Option<String>,
    /// When it closes.
    #[serde(default)]
    #[validate(length(equal = 9, message = "write MON 00:00"))]
    #[schema(
        min_length = 9,
        max_length = 9,
        pattern = "^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$",
        example = "MON 00:00"
    )]
    window_closes: Option<String>,
    /// When production locks.
    #[serde(default)]
    #[validate(length(equal = 9, message = "write MON 09:00"))]
    #[schema(
        min_length = 9,
        max_length = 9,
        pattern = "^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$",
        example = "MON 09:00"
    )]
    cutoff: Option<String>,
}

/// Each list replaces the list.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OriginsPatch)]
pub(crate) struct OriginsPatchDto {
    /// Of the customers' app.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://order.greenfork.example"]))]
    client: Option<Vec<OriginText>>,
    /// Of the staff's app.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://desk.greenfork.example"]))]
    admin: Option<Vec<OriginText>>,
    /// Of the marketing site.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://www.greenfork.example"]))]
    site: Option<Vec<OriginText>>,
}

/// An origin exactly as browsers send it: https, or http on localhost.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(
    as = Origin,
    max_length = 255,
    pattern = "^(https://[a-z0-9.-]+(:[0-9]+)?|http://localhost(:[0-9]+)?)$",
    example = "https://order.greenfork.example"
)]
pub(crate) struct OriginText(String);

impl SettingsPatchDto {
    fn change(self, version: i64) -> ChangeSettings {
        let schedule = self.schedule.map_or_else(ScheduleChange::default, |part| ScheduleChange {
            time_zone: part.time_zone,
            window_opens: part.window_opens,
            window_closes: part.window_closes,
            cutoff: part.cutoff,
        });
        let (client, admin, site) =
            self.origins.map_or((None, None, None), |part| (part.client, part.admin, part.site));
        let origins = OriginsChange {
            client: texts(client),
            admin: texts(admin),
            site: texts(site),
            returns: texts(self.return_origins),
        };
        ChangeSettings { version, schedule, origins }
    }
}

fn texts(list: Option<Vec<OriginText>>) -> Option<Vec<String>> {
    list.map(|list| list.into_iter().map(|origin| origin.0).collect())
}

fn versioned(tenant: &Tenant) -> Versioned<SettingsDto> {
    let origins = tenant.origins.allowed();
    let body = SettingsDto {
        currency: tenant.currency.to_string(),
        schedule: tenant.schedule.settings().into(),
        origins: OriginsDto { client: origins.client, admin: origins.admin, site: origins.site },
        return_origins: tenant.origins.returns.iter().map(|o| o.as_str().to_owned()).collect(),
    };
    Versioned { etag: ETag(tenant.version), body }
}

impl From<ScheduleSettings> for ScheduleDto {
    fn from(schedule: ScheduleSettings) -> Self {
        Self {
            time_zone: schedule.time_zone,
            window_opens: schedule.window_opens,
            window_closes: schedule.window_closes,
            cutoff: schedule.cutoff,
        }
    }
}

impl From<ChangeSettingsError> for Problem {
    fn from(error: ChangeSettingsError) -> Self {
        match error {
            ChangeSettingsError::NotFound => Self::new(Code::NotFound),
            ChangeSettingsError::Stale => Self::new(Code::PreconditionFailed),
            ChangeSettingsError::Schedule(why) => schedule_problem(why, "/schedule"),
            ChangeSettingsError::Origins(list, why) => origins_problem(list, why),
            ChangeSettingsError::Db(error) => error.into(),
        }
    }
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

fn origins_problem(list: OriginList, why: OriginListError) -> Problem {
    let list = match list {
        OriginList::Client => "/origins/client",
        OriginList::Admin => "/origins/admin",
        OriginList::Site => "/origins/site",
        OriginList::Returns => "/return_origins",
    };
    let (pointer, code) = match why {
        OriginListError::TooMany => (list.to_owned(), "length"),
        OriginListError::Origin { index, .. } => (format!("{list}/{index}"), "format"),
        OriginListError::Duplicate { index } => (format!("{list}/{index}"), "duplicate"),
    };
    Problem::field(pointer, code, why.to_string())
}
