//! Wire forms of menus.

use bk_kitchen_catalogue::CatalogueBook;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    menu::menu::{Menu, OfferedDish},
    weeks::WeekName,
};

/// The menu of a week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Menu)]
pub(crate) struct MenuDto {
    /// The ISO week of its cutoff.
    #[schema(example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    week: String,
    /// `DRAFT` or `PUBLISHED`.
    #[schema(example = "PUBLISHED")]
    state: &'static str,
    /// When it was published, or null.
    #[schema(example = "2026-11-24T05:00:00Z")]
    published_at: Option<DateTime<Utc>>,
    /// The dishes, in the order customers see them.
    dishes: Vec<MenuDishDto>,
}

/// A dish on a menu.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MenuDish)]
pub(crate) struct MenuDishDto {
    /// The dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    dish_id: Uuid,
    /// Its name.
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

impl MenuDto {
    pub(super) fn new(week: WeekName, menu: &Menu, book: &CatalogueBook) -> Self {
        let dishes = menu.dishes.iter().map(|on_menu| {
            let dish = book.dishes.get(&on_menu.offered.dish_id);
            MenuDishDto {
                dish_id: on_menu.offered.dish_id.uuid(),
                name: dish.map(|dish| dish.dish.name.clone()).unwrap_or_default(),
                capacity: on_menu.offered.capacity,
                ordered: on_menu.offered.capacity.map(|_| on_menu.ordered),
                can_be_offered: dish.is_some_and(bk_kitchen_catalogue::BookDish::can_be_offered),
            }
        });
        Self {
            week: week.to_string(),
            state: menu.state.as_str(),
            published_at: menu.published_at,
            dishes: dishes.collect(),
        }
    }
}

/// The dishes of a menu.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MenuChange)]
pub(crate) struct MenuChangeDto {
    /// In the order customers see them; each dish once.
    #[validate(length(max = 60, message = "at most 60 dishes"), nested)]
    #[schema(max_items = 60)]
    pub(super) dishes: Vec<OfferedDishDto>,
}

/// A dish to offer.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferedDish)]
pub(crate) struct OfferedDishDto {
    /// The dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    dish_id: Uuid,
    /// Most meals of it, both sizes together; absent or null for no limit. A dish that is published
    /// without a capacity cannot get one later.
    #[validate(range(min = 0, max = 100_000, message = "between 0 and 100000"))]
    #[schema(minimum = 0, maximum = 100_000, example = 40)]
    capacity: Option<i32>,
}

impl From<OfferedDishDto> for OfferedDish {
    fn from(dto: OfferedDishDto) -> Self {
        Self { dish_id: dto.dish_id.into(), capacity: dto.capacity }
    }
}

/// Nothing.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublishMenu, example = json!({}))]
pub(crate) struct PublishMenuDto {}
