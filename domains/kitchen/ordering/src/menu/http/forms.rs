//! Wire forms of menus.

use bk_guard::{ETag, Versioned, Word};
use bk_kitchen_catalogue::{CatalogueDish, CatalogueSnapshot};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    menu::menu::{self, MenuEntry, MenuState},
    weeks::WeekName,
};

/// Whether customers see a menu.
pub(super) type MenuStateWord = Word<MenuState>;

/// The menu of a week.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Menu {
    /// The ISO week of its cutoff.
    #[schema(example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    week: String,
    /// Whether customers see it.
    state: MenuStateWord,
    /// When it was published, or null.
    #[schema(example = "2026-11-24T05:00:00Z")]
    published_at: Option<DateTime<Utc>>,
    /// The dishes, in the order customers see them.
    dishes: Vec<MenuDish>,
}

/// A dish on a menu.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MenuDish {
    /// The id of the dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    dish_id: Uuid,
    /// The name of the dish.
    #[schema(example = "Beef cheek with greens")]
    name: String,
    /// Most meals of it, both sizes together; null for no limit.
    #[schema(example = 40)]
    capacity: Option<i32>,
    /// Meals confirmed; counted only where there is a capacity, otherwise null.
    #[schema(example = 12)]
    ordered: Option<i32>,
    /// Whether it is active with a recipe for both sizes, as publishing demands.
    #[schema(example = true)]
    can_be_offered: bool,
}

impl Menu {
    /// The wire form of a week's menu with its version, dishes named by the catalogue.
    pub(super) fn versioned(
        week: WeekName,
        menu: &menu::Menu,
        snapshot: &CatalogueSnapshot,
    ) -> Versioned<Self> {
        let dishes = menu.dishes.iter().map(|on_menu| {
            let dish = snapshot.dishes.get(&on_menu.entry.dish_id);
            MenuDish {
                dish_id: on_menu.entry.dish_id.uuid(),
                name: dish.map(|dish| dish.dish.name.clone()).unwrap_or_default(),
                capacity: on_menu.entry.capacity,
                ordered: on_menu.entry.capacity.map(|_| on_menu.ordered),
                can_be_offered: dish.is_some_and(CatalogueDish::can_be_on_menu),
            }
        });
        let body = Self {
            week: week.to_string(),
            state: menu.state.into(),
            published_at: menu.published_at,
            dishes: dishes.collect(),
        };
        Versioned { etag: ETag(menu.version), body }
    }
}

/// The dishes of a menu.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MenuForm {
    /// In the order customers see them; each dish once.
    #[validate(length(max = 60, message = "at most 60 dishes"), nested)]
    #[schema(max_items = 60)]
    pub(super) dishes: Vec<MenuDishForm>,
}

/// A dish to put on a menu.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MenuDishForm {
    /// The id of the dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    dish_id: Uuid,
    /// Most meals of it, both sizes together; absent or null for no limit. A dish that is published
    /// without a capacity cannot get one later.
    #[validate(range(min = 0, max = 100_000, message = "between 0 and 100000"))]
    #[schema(minimum = 0, maximum = 100_000, example = 40)]
    capacity: Option<i32>,
}

impl From<MenuDishForm> for MenuEntry {
    fn from(form: MenuDishForm) -> Self {
        Self { dish_id: form.dish_id.into(), capacity: form.capacity }
    }
}

/// An empty object: publishing needs no more than the path says.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct MenuPublication {}
