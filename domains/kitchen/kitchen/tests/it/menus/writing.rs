//! Putting menus together and publishing them.

use bk_kernel::{Authorized, DishId, OperationContext, RequestId, WeeklySchedule};
use bk_kitchen_catalogue::{Unit, recipe::Part, retire_dish, save_recipe::SaveRecipeError};
use bk_kitchen_core::permissions::MenuWrite;
use bk_kitchen_ordering::{
    menu::{
        self, Menu, MenuEntry, MenuState, PublishMenuError, StoredMenus, UpdateMenu,
        UpdateMenuError,
    },
    weeks::{self, WeekName},
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::fixture::stocked::{Kitchen, both, cook, now};

struct Week {
    kitchen: Kitchen,
    name: WeekName,
    stew: DishId,
    pie: DishId,
}

async fn week() -> Week {
    let kitchen = Kitchen::stocked().await;
    let schedule = WeeklySchedule::standard("Australia/Brisbane".parse().unwrap());
    let ctx = writer(&kitchen, now());
    let found = kitchen.run(move |tx| async move {
        weeks::generate_weeks(&ctx, &tx, &schedule).await?;
        weeks::current_week(&ctx, &tx).await
    });
    let found = found.await.unwrap();
    let name = found.unwrap().times.name;
    let beef = Part::Ingredient(kitchen.ingredient("beef_cheek").await);
    let stew = kitchen.dish("stew", both(beef, "100", Unit::G)).await.unwrap();
    let pie = kitchen.dish("pie", both(beef, "90", Unit::G)).await.unwrap();
    Week { kitchen, name, stew, pie }
}

/// The operation, at an instant, of the product itself.
fn writer(kitchen: &Kitchen, at: DateTime<Utc>) -> Authorized<MenuWrite> {
    let ctx = OperationContext::system(kitchen.tenant, RequestId::new(), at);
    Authorized::check(ctx).unwrap()
}

impl Week {
    async fn update(
        &self,
        at: DateTime<Utc>,
        version: i64,
        dishes: &[(DishId, Option<i32>)],
    ) -> Result<Menu, UpdateMenuError> {
        let dishes = dishes.iter().copied();
        let dishes = dishes.map(|(dish_id, capacity)| MenuEntry { dish_id, capacity }).collect();
        let ctx = writer(&self.kitchen, at);
        let change = UpdateMenu { week: self.name, version, dishes };
        self.kitchen.run(move |tx| async move { menu::update_menu(&ctx, &tx, change).await }).await
    }

    async fn publish(&self) -> Result<Menu, PublishMenuError> {
        let (ctx, name) = (writer(&self.kitchen, now()), self.name);
        self.kitchen.run(move |tx| async move { menu::publish_menu(&ctx, &tx, name).await }).await
    }
}

#[tokio::test]
async fn a_draft_is_invisible_until_it_is_published() {
    let week = week().await;
    assert!(matches!(week.publish().await, Err(PublishMenuError::Empty)));
    let dishes = [(week.pie, Some(12)), (week.stew, None)];
    let draft = week.update(now(), 0, &dishes).await.unwrap();
    assert_eq!((draft.state, draft.version), (MenuState::Draft, 1));
    let week_id = draft.week_id;
    let visible = move |tx| async move { menu::published_menu(&tx, week_id).await };
    assert_eq!(week.kitchen.run(visible).await.unwrap(), None);
    let published = week.publish().await.unwrap();
    assert_eq!(week.publish().await.unwrap(), published, "publishing again changes nothing");
    let menu = week.kitchen.run(visible).await.unwrap().unwrap();
    assert_eq!(
        menu.dishes.iter().map(|d| d.entry.dish_id).collect::<Vec<_>>(),
        [week.pie, week.stew]
    );
    assert_eq!(menu.dishes[0].left(), Some(12));
}

#[tokio::test]
async fn a_published_menu_keeps_its_promises() {
    let week = week().await;
    week.update(now(), 0, &[(week.stew, Some(12))]).await.unwrap();
    let menu = week.publish().await.unwrap();
    sqlx::query("UPDATE kitchen_menu_dishes SET ordered = 8")
        .execute(&week.kitchen.db.admin)
        .await
        .unwrap();
    let version = menu.version;
    for wrong in [&[(week.stew, Some(7))][..], &[(week.stew, None)], &[(week.pie, None)]] {
        let outcome = week.update(now(), version, wrong).await;
        assert!(matches!(outcome, Err(UpdateMenuError::Menu(_))), "{wrong:?}");
    }
    let more = [(week.stew, Some(20)), (week.pie, Some(5))];
    let menu = week.update(now(), version, &more).await.unwrap();
    assert_eq!(menu.dishes[0].left(), Some(12));
    assert!(matches!(week.update(now(), version, &more).await, Err(UpdateMenuError::Stale)));
}

#[tokio::test]
async fn only_dishes_that_can_be_cooked_in_every_size_are_published() {
    let week = week().await;
    let beef = Part::Ingredient(week.kitchen.ingredient("beef_cheek").await);
    let small = both(beef, "10", Unit::G)[..1].to_vec();
    let half = week.kitchen.dish("half", small).await.unwrap();
    week.update(now(), 0, &[(week.stew, None), (half, None)]).await.unwrap();
    let outcome = week.publish().await;
    assert!(matches!(outcome, Err(PublishMenuError::NotCookable { names }) if names == ["half"]));
    let unknown = week.update(now(), 1, &[(week.stew, None), (DishId::new(), None)]).await;
    assert!(matches!(unknown, Err(UpdateMenuError::UnknownDish { index: 1 })));
}

#[tokio::test]
async fn a_dish_on_a_published_menu_cannot_be_retired() {
    let week = week().await;
    week.update(now(), 0, &[(week.stew, None)]).await.unwrap();
    week.publish().await.unwrap();
    let stew = week.stew;
    let outcome = week
        .kitchen
        .run(move |tx| async move { retire_dish(&cook(&tx), &tx, &StoredMenus, stew).await })
        .await;
    let name = week.name.to_string();
    assert!(matches!(outcome, Err(SaveRecipeError::OnMenu { week }) if week == name));
}

#[tokio::test]
async fn the_menu_of_a_locked_week_stays_as_it_is() {
    let week = week().await;
    let late = now() + TimeDelta::days(4);
    let outcome = week.update(late, 0, &[(week.stew, None)]).await;
    assert!(matches!(outcome, Err(UpdateMenuError::Locked)));
}
