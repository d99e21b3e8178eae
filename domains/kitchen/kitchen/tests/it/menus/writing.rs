//! Putting menus together and publishing them.

use bk_contracts::tenants::ScheduleSettings;
use bk_kernel::DishId;
use bk_kitchen_catalogue::{Unit, recipe::Part, retire_dish, save_recipe::SaveRecipeError};
use bk_kitchen_core::Author;
use bk_kitchen_ordering::{
    menu::{
        self, Menu, MenuState, OfferedDish, PublishMenu, PublishMenuError, ReplaceMenu,
        ReplaceMenuError, StoredMenus,
    },
    weeks::{self, WeekName},
};
use chrono::TimeDelta;

use crate::fixture::stocked::{Kitchen, author, both, cook, now, permit};

struct Week {
    kitchen: Kitchen,
    name: WeekName,
    stew: DishId,
    pie: DishId,
}

async fn week() -> Week {
    let kitchen = Kitchen::stocked().await;
    let settings = ScheduleSettings {
        time_zone: "Australia/Brisbane".to_owned(),
        window_opens: "FRI 12:00".to_owned(),
        window_closes: "MON 00:00".to_owned(),
        cutoff: "MON 09:00".to_owned(),
    };
    kitchen
        .run(move |tx| async move { weeks::generate_weeks(&tx, &settings, now()).await })
        .await
        .unwrap();
    let found =
        kitchen.run(|tx| async move { weeks::current_week(&tx, now()).await }).await.unwrap();
    let name = found.unwrap().times.name;
    let beef = Part::Ingredient(kitchen.ingredient("beef_cheek").await);
    let stew = kitchen.dish("stew", both(beef, "100", Unit::G)).await.unwrap();
    let pie = kitchen.dish("pie", both(beef, "90", Unit::G)).await.unwrap();
    Week { kitchen, name, stew, pie }
}

impl Week {
    async fn replace(
        &self,
        author: Author,
        version: i64,
        dishes: &[(DishId, Option<i32>)],
    ) -> Result<Menu, ReplaceMenuError> {
        let dishes = dishes.iter().copied();
        let dishes = dishes.map(|(dish_id, capacity)| OfferedDish { dish_id, capacity }).collect();
        let change = ReplaceMenu { week: self.name, version, dishes };
        self.kitchen
            .run(move |tx| async move { menu::replace_menu(&tx, permit(), &author, &change).await })
            .await
    }

    async fn publish(&self) -> Result<Menu, PublishMenuError> {
        let publish = PublishMenu { week: self.name };
        self.kitchen
            .run(move |tx| async move {
                menu::publish_menu(&tx, permit(), &author(), publish).await
            })
            .await
    }
}

#[tokio::test]
async fn a_draft_is_invisible_until_it_is_published() {
    let week = week().await;
    assert!(matches!(week.publish().await, Err(PublishMenuError::Empty)));
    let dishes = [(week.pie, Some(12)), (week.stew, None)];
    let draft = week.replace(author(), 0, &dishes).await.unwrap();
    assert_eq!((draft.state, draft.version), (MenuState::Draft, 1));
    let week_id = draft.week_id;
    let visible = move |tx| async move { menu::load_menu(&tx, week_id).await };
    assert_eq!(week.kitchen.run(visible).await.unwrap(), None);
    let published = week.publish().await.unwrap();
    assert_eq!(week.publish().await.unwrap(), published, "publishing again changes nothing");
    let menu = week.kitchen.run(visible).await.unwrap().unwrap();
    assert_eq!(
        menu.dishes.iter().map(|d| d.offered.dish_id).collect::<Vec<_>>(),
        [week.pie, week.stew]
    );
    assert_eq!(menu.dishes[0].left(), Some(12));
}

#[tokio::test]
async fn a_published_menu_keeps_its_promises() {
    let week = week().await;
    week.replace(author(), 0, &[(week.stew, Some(12))]).await.unwrap();
    let menu = week.publish().await.unwrap();
    sqlx::query("UPDATE kitchen_menu_dishes SET ordered = 8")
        .execute(&week.kitchen.db.admin)
        .await
        .unwrap();
    let version = menu.version;
    for wrong in [&[(week.stew, Some(7))][..], &[(week.stew, None)], &[(week.pie, None)]] {
        let outcome = week.replace(author(), version, wrong).await;
        assert!(matches!(outcome, Err(ReplaceMenuError::Menu(_))), "{wrong:?}");
    }
    let more = [(week.stew, Some(20)), (week.pie, Some(5))];
    let menu = week.replace(author(), version, &more).await.unwrap();
    assert_eq!(menu.dishes[0].left(), Some(12));
    assert!(matches!(week.replace(author(), version, &more).await, Err(ReplaceMenuError::Stale)));
}

#[tokio::test]
async fn only_dishes_that_can_be_cooked_in_every_size_are_published() {
    let week = week().await;
    let beef = Part::Ingredient(week.kitchen.ingredient("beef_cheek").await);
    let small = both(beef, "10", Unit::G)[..1].to_vec();
    let half = week.kitchen.dish("half", small).await.unwrap();
    week.replace(author(), 0, &[(week.stew, None), (half, None)]).await.unwrap();
    let outcome = week.publish().await;
    assert!(matches!(outcome, Err(PublishMenuError::NotOfferable { names }) if names == ["half"]));
    let unknown = week.replace(author(), 1, &[(week.stew, None), (DishId::new(), None)]).await;
    assert!(matches!(unknown, Err(ReplaceMenuError::UnknownDish { index: 1 })));
}

#[tokio::test]
async fn a_dish_on_a_published_menu_cannot_be_retired() {
    let week = week().await;
    week.replace(author(), 0, &[(week.stew, None)]).await.unwrap();
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
    let late = Author::system(now() + TimeDelta::days(4));
    let outcome = week.replace(late, 0, &[(week.stew, None)]).await;
    assert!(matches!(outcome, Err(ReplaceMenuError::Locked)));
}
