//! `/admin/settings`.

use actix_web::{get, patch, web};
use bk_guard::{Allowed, ETag, Guarded, IfMatch, Json, Policy, Problem, Routes, Versioned};
use bk_kernel::{Code, WeeklySchedule};
use bk_persistence::DbError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::update_settings::{
    OriginList, OriginListError, OriginsChange, ScheduleChange, UpdateSettings, UpdateSettingsError,
};
use crate::{
    Admin,
    permissions::{SettingsRead, SettingsWrite},
    tenants::{Tenant, get_own_tenant, http::schedule_problem},
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(get_settings).mount(update_settings);
}

/// Get the settings of the caller's tenant
///
/// They share their version, and so their `ETag`, with `/admin/tenant`.
#[utoipa::path(tag = "settings", responses(Versioned<Settings>))]
#[get("/admin/settings")]
pub(crate) async fn get_settings(
    who: Allowed<SettingsRead>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Settings>, Problem> {
    let found = admin.db().read(&who, who.clone(), async |tx, who| get_own_tenant(&who, &tx).await);
    let found: Result<Option<Tenant>, DbError> = found.await;
    found?.as_ref().map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_settings {
    const POLICY: Policy = Policy::admin::<SettingsRead>();
}

/// Change the settings of the caller's tenant
///
/// What is left out stays. A new schedule applies to weeks that have not opened yet. The currency
/// cannot change.
#[utoipa::path(tag = "settings", request_body = SettingsForm, responses(Versioned<Settings>))]
#[patch("/admin/settings")]
pub(crate) async fn update_settings(
    who: Allowed<SettingsWrite>,
    version: IfMatch,
    body: Json<SettingsForm>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Settings>, Problem> {
    let update = body.0.into_update((version.0).0);
    Ok(versioned(&super::update_settings::update_settings(&who, &admin, update).await?))
}

impl Guarded for update_settings {
    const POLICY: Policy = Policy::admin::<SettingsWrite>().updates();
}

/// The settings of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// ISO 4217; it cannot change.
    #[schema(example = "AUD")]
    currency: String,
    schedule: Schedule,
    origins: Origins,
    /// Origins a checkout may return to.
    #[schema(example = json!(["https://order.greenfork.example"]))]
    return_origins: Vec<String>,
}

/// The weekly schedule, in local wall time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// IANA time zone.
    #[schema(example = "Australia/Brisbane")]
    time_zone: String,
    /// When ordering opens.
    #[schema(example = "FRI 12:00")]
    window_opens: String,
    /// When ordering closes; at that very minute it is closed.
    #[schema(example = "MON 00:00")]
    window_closes: String,
    /// When production locks.
    #[schema(example = "MON 09:00")]
    cutoff: String,
}

/// Browser origins that are admitted, per surface.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Origins {
    /// Origins of the customers' app.
    #[schema(example = json!(["https://order.greenfork.example"]))]
    client: Vec<String>,
    /// Origins of the staff's app.
    #[schema(example = json!(["https://desk.greenfork.example"]))]
    admin: Vec<String>,
    /// Origins of the marketing site.
    #[schema(example = json!(["https://www.greenfork.example"]))]
    site: Vec<String>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsForm {
    #[serde(default)]
    #[validate(nested)]
    schedule: Option<ScheduleForm>,
    #[serde(default)]
    #[validate(nested)]
    origins: Option<OriginsForm>,
    /// Replaces the list of origins a checkout may return to.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://order.greenfork.example"]))]
    return_origins: Option<Vec<Origin>>,
}

/// Opening, then closing, then the cutoff (at the earliest with the closing), within one week.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleForm {
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
    /// When ordering closes.
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
pub(crate) struct OriginsForm {
    /// Origins of the customers' app.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://order.greenfork.example"]))]
    client: Option<Vec<Origin>>,
    /// Origins of the staff's app.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://desk.greenfork.example"]))]
    admin: Option<Vec<Origin>>,
    /// Origins of the marketing site.
    #[serde(default)]
    #[validate(length(max = 20, message = "at most 20 origins"))]
    #[schema(max_items = 20, example = json!(["https://www.greenfork.example"]))]
    site: Option<Vec<Origin>>,
}

/// An origin exactly as browsers send it: https, or http on localhost.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(
    max_length = 255,
    pattern = "^(https://[a-z0-9.-]+(:[0-9]+)?|http://localhost(:[0-9]+)?)$",
    example = "https://order.greenfork.example"
)]
pub(crate) struct Origin(String);

impl SettingsForm {
    fn into_update(self, version: i64) -> UpdateSettings {
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
        UpdateSettings { version, schedule, origins }
    }
}

fn texts(list: Option<Vec<Origin>>) -> Option<Vec<String>> {
    list.map(|list| list.into_iter().map(|origin| origin.0).collect())
}

fn versioned(tenant: &Tenant) -> Versioned<Settings> {
    let origins = tenant.origins.allowed();
    let body = Settings {
        currency: tenant.currency.to_string(),
        schedule: tenant.schedule.into(),
        origins: Origins { client: origins.client, admin: origins.admin, site: origins.site },
        return_origins: tenant.origins.returns.iter().map(|o| o.as_str().to_owned()).collect(),
    };
    Versioned { etag: ETag(tenant.version), body }
}

impl From<WeeklySchedule> for Schedule {
    fn from(schedule: WeeklySchedule) -> Self {
        Self {
            time_zone: schedule.time_zone().name().to_owned(),
            window_opens: schedule.window_opens().to_string(),
            window_closes: schedule.window_closes().to_string(),
            cutoff: schedule.cutoff().to_string(),
        }
    }
}

impl From<UpdateSettingsError> for Problem {
    fn from(error: UpdateSettingsError) -> Self {
        match error {
            UpdateSettingsError::NotFound => Self::new(Code::NotFound),
            UpdateSettingsError::Stale => Self::new(Code::PreconditionFailed),
            UpdateSettingsError::Schedule(why) => schedule_problem(why, "/schedule"),
            UpdateSettingsError::Origins(list, why) => origins_problem(list, why),
            UpdateSettingsError::Db(error) => error.into(),
        }
    }
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
