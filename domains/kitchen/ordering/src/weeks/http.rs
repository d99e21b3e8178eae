//! `GET /admin/weeks`.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Policy, Problem, Query, Routes};
use bk_kitchen_core::{KitchenState, permissions::OrdersRead};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{OrderWeek, list_weeks::list_weeks as listing};

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_weeks);
}

/// An order week.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeekDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    pub id: Uuid,
    /// The ISO week of its cutoff.
    #[schema(example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    pub week: String,
    /// The IANA zone its wall times were read in.
    #[schema(example = "Australia/Brisbane")]
    pub time_zone: String,
    /// When the window opens.
    #[schema(example = "2026-11-27T02:00:00Z")]
    pub opens_at: DateTime<Utc>,
    /// When it closes: at this instant it is closed.
    #[schema(example = "2026-11-29T14:00:00Z")]
    pub closes_at: DateTime<Utc>,
    /// When production locks.
    #[schema(example = "2026-11-29T23:00:00Z")]
    pub cutoff_at: DateTime<Utc>,
    /// When the lock ran, or null.
    pub locked_at: Option<DateTime<Utc>>,
    /// `UPCOMING`, `OPEN`, `CLOSED` or `LOCKED`.
    #[schema(example = "OPEN")]
    pub state: String,
}

impl WeekDto {
    /// The wire form of a week at `now`.
    #[must_use]
    pub fn at(week: &OrderWeek, now: DateTime<Utc>) -> Self {
        Self {
            id: week.id.uuid(),
            week: week.times.name.to_string(),
            time_zone: week.time_zone.clone(),
            opens_at: week.times.opens_at,
            closes_at: week.times.closes_at,
            cutoff_at: week.times.cutoff_at,
            locked_at: week.locked_at,
            state: week.times.state_at(now).to_string(),
        }
    }
}

/// A page of weeks.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeeksDto {
    /// The weeks, in calendar order.
    pub items: Vec<WeekDto>,
    /// Where the next page starts, or null.
    pub next_cursor: Option<String>,
}

/// List order weeks.
///
/// In calendar order, past and future; at least eight future weeks exist.
#[utoipa::path(tag = "weeks", params(PageQuery), responses((status = 200, description = "A page of weeks", body = WeeksDto)))]
#[get("/admin/weeks")]
pub(crate) async fn list_weeks(
    who: Allowed<OrdersRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<WeeksDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let weeks = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { listing(&tx, who.permit, limit, after).await })
        .await?;
    let now = who.caller.now();
    let weeks = weeks.map(|week| WeekDto::at(&week, now));
    Ok(Json(WeeksDto { items: weeks.items, next_cursor: weeks.next_cursor }))
}

impl Guarded for list_weeks {
    const POLICY: Policy = Policy::admin::<OrdersRead>();
}
