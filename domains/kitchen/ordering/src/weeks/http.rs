//! `GET /admin/weeks`, and how weeks are written in paths.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, ListQuery, Page, Policy, Problem, Routes, Word};
use bk_kitchen_core::{KitchenState, permissions::OrdersRead};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{WeekName, WindowState, order_week};

/// Mounts this slice.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_weeks);
}

/// Where an order week stands.
pub(crate) type WindowStateWord = Word<WindowState>;

/// The week of a path.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WeekPath {
    /// The ISO week of its cutoff.
    #[param(value_type = String, example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    pub(crate) week: WeekName,
}

/// An order week.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderWeek {
    /// The id of the week.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// The ISO week of its cutoff.
    #[schema(example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    week: String,
    /// The IANA zone its wall times were read in.
    #[schema(example = "Australia/Brisbane")]
    time_zone: String,
    /// When the window opens.
    #[schema(example = "2026-11-27T02:00:00Z")]
    opens_at: DateTime<Utc>,
    /// When it closes: at this instant it is closed.
    #[schema(example = "2026-11-29T14:00:00Z")]
    closes_at: DateTime<Utc>,
    /// When production locks.
    #[schema(example = "2026-11-29T23:00:00Z")]
    cutoff_at: DateTime<Utc>,
    /// When the week was locked, or null.
    locked_at: Option<DateTime<Utc>>,
    /// Where the week stands by the clock.
    state: WindowStateWord,
}

impl OrderWeek {
    /// The wire form of a week at `now`.
    fn at(week: order_week::OrderWeek, now: DateTime<Utc>) -> Self {
        Self {
            id: week.id.uuid(),
            week: week.times.name.to_string(),
            time_zone: week.time_zone,
            opens_at: week.times.opens_at,
            closes_at: week.times.closes_at,
            cutoff_at: week.times.cutoff_at,
            locked_at: week.locked_at,
            state: week.times.state_at(now).into(),
        }
    }
}

/// List order weeks
///
/// In calendar order, past and future; at least eight future weeks exist.
#[utoipa::path(tag = "weeks", params(ListQuery), responses(Page<OrderWeek>))]
#[get("/admin/weeks")]
pub(crate) async fn list_weeks(
    who: Allowed<OrdersRead>,
    query: ListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<OrderWeek>, Problem> {
    let db = &kitchen.deps().db;
    let weeks = db
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            super::list_weeks(&who, &tx, page).await
        })
        .await?;
    Ok(weeks.map(|week| OrderWeek::at(week, who.at())).into())
}

impl Guarded for list_weeks {
    const POLICY: Policy = Policy::admin::<OrdersRead>();
}
