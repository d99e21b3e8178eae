//! `/admin/weeks/{week}/lock`.

use actix_web::{post, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem};
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::WeeksLock;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::WeekPath;
use crate::lock_week as use_case;

/// An empty object: the week is in the path.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct WeekLockForm {}

/// A locked week.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LockedWeek {
    /// The ISO week of the cutoff.
    #[schema(example = "2026-W48")]
    week: String,
    /// When it was locked.
    #[schema(example = "2026-11-22T23:00:00Z")]
    locked_at: DateTime<Utc>,
    /// Number of orders in the frozen plan.
    #[schema(example = 2)]
    orders: u64,
    /// Number of meals in the frozen plan.
    #[schema(example = 13)]
    meals: i64,
}

impl From<use_case::LockedWeek> for LockedWeek {
    fn from(locked: use_case::LockedWeek) -> Self {
        Self {
            week: locked.week.times.name.to_string(),
            locked_at: locked.locked_at,
            orders: u64::try_from(locked.orders).unwrap_or(u64::MAX),
            meals: locked.meals,
        }
    }
}

/// Lock a week
///
/// From the cutoff on; the cutoff job does it within a minute anyway. Confirmed orders are locked,
/// drafts left over are cancelled, the production plan is frozen. Locking a locked week changes
/// nothing and answers with it.
#[utoipa::path(tag = "production", params(WeekPath), request_body = WeekLockForm, responses(Json<LockedWeek>))]
#[post("/admin/weeks/{week}/lock")]
pub(crate) async fn lock_week(
    who: Allowed<WeeksLock>,
    path: Path<WeekPath>,
    _body: Json<WeekLockForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<LockedWeek>, Problem> {
    let input = (who.clone(), CatalogueState::clone(&catalogue), path.0.week);
    let locked = catalogue
        .db()
        .transaction(&who, input, async |tx, (who, catalogue, week)| {
            let snapshot = catalogue.snapshot_in(&tx).await?;
            use_case::lock_week(&who, &tx, &snapshot, week).await
        })
        .await?;
    Ok(Json(locked.into()))
}

impl Guarded for lock_week {
    const POLICY: Policy = Policy::admin::<WeeksLock>().writes();
}
