//! Published menus for the past week and for those that come.

use bk_kitchen_ordering::{menu::MenuState, weeks::WeekName};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    catalogue::dish_id,
    data::DemoTenant,
    ids::Ids,
    store::{Rows, first_week_with_menu, insert, row, weeks_without_menu},
};

/// How long before the seeding the menus count as published.
const PUBLISHED_BEFORE: TimeDelta = TimeDelta::days(10);

/// Seeds menus: gives `count` weeks from `first` on their menus where they have none. The rotation goes on where
/// the first menu there ever was began: one week before its first list.
pub(super) async fn seed_menus(
    tx: &TenantTx,
    tenant: &DemoTenant,
    ids: &Ids<'_>,
    (first, count): (WeekName, usize),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let weeks = std::iter::successors(Some(first), |week| Some(week.next())).take(count);
    let missing = weeks_without_menu(tx, weeks.map(|week| week.to_string()).collect()).await?;
    let anchor = first_week_with_menu(tx).await?;
    let anchor = anchor.and_then(|name| name.parse().ok()).unwrap_or(first);
    let (mut menus, mut dishes) = (Rows::new(), Rows::new());
    for without in missing {
        let Ok(week) = without.week.parse::<WeekName>() else { continue };
        let id = ids.at(menus.len(), "menu", &without.week);
        menus.push(row(json!({
            "id": id,
            "week_id": without.id,
            "state": MenuState::Published.as_str(),
            "published_at": now - PUBLISHED_BEFORE,
            "version": 2,
            "created_at": now - PUBLISHED_BEFORE,
            "updated_at": now - PUBLISHED_BEFORE,
        })));
        for (position, key) in list_of(tenant, anchor, week).iter().enumerate() {
            let limit = tenant.menu.capacity.iter().find(|limit| &limit.dish == key);
            dishes.push(row(json!({
                "menu_week_id": id,
                "dish_id": dish_id(ids, key),
                "position": position,
                "capacity": limit.map(|limit| limit.meals),
                "ordered": 0,
            })));
        }
    }
    insert(tx, "kitchen_menu_weeks", menus).await?;
    insert(tx, "kitchen_menu_dishes", dishes).await
}

/// The list of a week: the last of the rotation in the anchor's week, then from the first on.
fn list_of(tenant: &DemoTenant, anchor: WeekName, week: WeekName) -> &[String] {
    let lists = &tenant.menu.rotation;
    let monday = |week: WeekName| week.date(chrono::Weekday::Mon);
    let weeks = monday(week).signed_duration_since(monday(anchor)).num_weeks();
    let turn = usize::try_from(weeks).unwrap_or(0) + lists.len().saturating_sub(1);
    let name = turn.checked_rem(lists.len()).and_then(|turn| lists.get(turn));
    name.and_then(|name| tenant.menu.lists.get(name)).map_or(&[], Vec::as_slice)
}
