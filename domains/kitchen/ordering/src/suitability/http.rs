//! `GET /client/menu/current`, `GET /client/menu/{week}`.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem, Routes, Word};
use bk_kernel::{Authorized, Code};
use bk_kitchen_accounts::preferences::{
    Evaluation, RuleKind, SuitabilityStatus, evaluate::Warning,
};
use bk_kitchen_catalogue::{Allergen, AllergenInfo, CatalogueState, DishCategory, Nutrition};
use bk_kitchen_core::permissions::OwnMenuRead;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ClientDish, ClientMenuError, WhichWeek};
use crate::weeks::http::{WeekPath, WindowStateWord};

/// What a dish is sold as.
type DishCategoryWord = Word<DishCategory>;
/// A FSANZ allergen name.
type AllergenWord = Word<Allergen>;
/// Whether an account can have a dish.
type StatusWord = Word<SuitabilityStatus>;
/// What a rule says of its target.
type RuleKindWord = Word<RuleKind>;

/// Mounts this slice. `current` comes before `{week}`.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(get_current_menu).mount(get_client_menu);
}

/// The menu of a week, as a customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientMenu {
    /// The ISO week of its cutoff.
    #[schema(example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    week: String,
    /// When the window for orders opens.
    #[schema(example = "2026-11-27T02:00:00Z")]
    opens_at: DateTime<Utc>,
    /// When it closes: at this instant it is closed.
    #[schema(example = "2026-11-29T14:00:00Z")]
    closes_at: DateTime<Utc>,
    /// When confirmed orders are locked.
    #[schema(example = "2026-11-29T23:00:00Z")]
    cutoff_at: DateTime<Utc>,
    /// Where the week stands by the clock.
    state: WindowStateWord,
    /// The dishes, in the order of the menu.
    dishes: Vec<ClientMenuDish>,
}

/// A dish on the menu, as a customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientMenuDish {
    /// The id of the dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    dish_id: Uuid,
    /// The key of the dish.
    #[schema(example = "lemon_myrtle_chicken")]
    key: String,
    /// The name of the dish.
    #[schema(example = "Lemon myrtle chicken")]
    name: String,
    /// A calm sentence about it.
    #[schema(example = "Roast chicken with lemon myrtle and greens.")]
    description: String,
    /// What it is sold as.
    category: DishCategoryWord,
    /// Whether its sides come from the account's preset.
    configurable: bool,
    /// Allergens of the recipe, FSANZ names.
    allergens: Vec<AllergenWord>,
    /// False when something in it has no confirmed allergens: then the list may be incomplete.
    #[schema(example = true)]
    allergens_known: bool,
    /// Facts per serving, by size; sides not included.
    nutrition: Vec<MenuServing>,
    /// Meals that can still be ordered, or null for no limit.
    #[schema(example = 12)]
    capacity_left: Option<i32>,
    /// How it suits the account.
    suitability: Suitability,
}

/// The facts of one serving; null is unknown, never zero.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MenuServing {
    /// Grams per meal.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// Energy, kilojoules.
    #[schema(example = "1840")]
    energy_kj: Option<String>,
    /// Protein, grams.
    #[schema(example = "38.5")]
    protein_g: Option<String>,
    /// Fat, grams.
    #[schema(example = "14.2")]
    fat_g: Option<String>,
    /// Saturated fat, grams.
    #[schema(example = "3.1")]
    saturated_fat_g: Option<String>,
    /// Carbohydrate, grams.
    #[schema(example = "22")]
    carbohydrate_g: Option<String>,
    /// Sugars, grams.
    #[schema(example = "5.4")]
    sugars_g: Option<String>,
    /// Sodium, milligrams.
    #[schema(example = "410")]
    sodium_mg: Option<String>,
}

impl MenuServing {
    fn new(meal_size_g: i32, facts: Nutrition) -> Self {
        let facts = facts.rounded();
        let text = |fact: Option<rust_decimal::Decimal>| fact.map(|fact| fact.to_string());
        Self {
            meal_size_g,
            energy_kj: text(facts.energy_kj),
            protein_g: text(facts.protein_g),
            fat_g: text(facts.fat_g),
            saturated_fat_g: text(facts.saturated_fat_g),
            carbohydrate_g: text(facts.carbohydrate_g),
            sugars_g: text(facts.sugars_g),
            sodium_mg: text(facts.sodium_mg),
        }
    }
}

/// How a dish suits an account, with the reasons.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suitability {
    /// Whether the account can have it.
    status: StatusWord,
    /// From -100 (blocked) to 100 (everything liked).
    #[schema(example = -10, minimum = -100, maximum = 100)]
    score: i32,
    /// The rules that matched.
    matches: Vec<SuitabilityMatch>,
    /// What else to know.
    #[schema(example = json!(["fish sauce: allergens are not confirmed"]))]
    warnings: Vec<String>,
}

/// A rule that matched, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuitabilityMatch {
    /// What the rule says of its target.
    kind: RuleKindWord,
    /// The allergen or the ingredient's key.
    #[schema(example = "coriander")]
    target: String,
    /// From the outermost sub-recipe down to the ingredient.
    #[schema(example = json!(["Green sauce", "Coriander"]))]
    path: Vec<String>,
}

impl From<Evaluation> for Suitability {
    fn from(evaluation: Evaluation) -> Self {
        let matches = evaluation.matches.iter().map(|found| SuitabilityMatch {
            kind: found.rule.kind().into(),
            target: found.rule.target().as_str().to_owned(),
            path: found.path.clone(),
        });
        let disliked = evaluation.of_kind(RuleKind::Dislike).next().is_some();
        let warnings = evaluation.warnings.iter().filter_map(|warning| match warning {
            Warning::UnknownComposition { path } => {
                Some(format!("{}: allergens are not confirmed", path.join(" > ")))
            }
            Warning::Disliked => disliked.then(|| "It contains something disliked.".to_owned()),
        });
        Self {
            status: evaluation.status.into(),
            score: evaluation.score,
            matches: matches.collect(),
            warnings: warnings.collect(),
        }
    }
}

impl From<ClientDish> for ClientMenuDish {
    fn from(client: ClientDish) -> Self {
        let computed = client.dish.computed;
        let composition = computed.composition;
        let known = matches!(composition.info(), AllergenInfo::Declared(_));
        Self {
            dish_id: client.dish_id.uuid(),
            key: client.dish.entry.key,
            name: client.dish.dish.name,
            description: client.dish.description,
            category: client.dish.dish.category.into(),
            configurable: client.dish.dish.configurable,
            allergens: composition.allergens.keys().copied().map(Into::into).collect(),
            allergens_known: known,
            nutrition: computed
                .servings
                .into_iter()
                .map(|(size, serving)| MenuServing::new(size.grams(), serving.nutrition))
                .collect(),
            capacity_left: client.left,
            suitability: client.suitability.into(),
        }
    }
}

impl ClientMenu {
    fn at(menu: super::ClientMenu, now: DateTime<Utc>) -> Self {
        let week = menu.week.times;
        Self {
            week: week.name.to_string(),
            opens_at: week.opens_at,
            closes_at: week.closes_at,
            cutoff_at: week.cutoff_at,
            state: week.state_at(now).into(),
            dishes: menu.dishes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ClientMenuError> for Problem {
    fn from(error: ClientMenuError) -> Self {
        match error {
            ClientMenuError::NotFound => {
                Self::new(Code::NotFound).detail("There is no menu for this week yet.")
            }
            ClientMenuError::Db(error) => error.into(),
        }
    }
}

/// Get the menu of the current week
///
/// The week whose window is open, or the next to open, with how each dish suits the caller's account.
#[utoipa::path(tag = "menu", responses(Json<ClientMenu>))]
#[get("/client/menu/current")]
pub(crate) async fn get_current_menu(
    who: Allowed<OwnMenuRead>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<ClientMenu>, Problem> {
    menu_of(&who, &catalogue, WhichWeek::Current).await
}

impl Guarded for get_current_menu {
    const POLICY: Policy = Policy::client::<OwnMenuRead>();
}

/// Get the menu of a week
#[utoipa::path(tag = "menu", params(WeekPath), responses(Json<ClientMenu>))]
#[get("/client/menu/{week}")]
pub(crate) async fn get_client_menu(
    who: Allowed<OwnMenuRead>,
    path: Path<WeekPath>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<ClientMenu>, Problem> {
    menu_of(&who, &catalogue, WhichWeek::Named(path.0.week)).await
}

impl Guarded for get_client_menu {
    const POLICY: Policy = Policy::client::<OwnMenuRead>();
}

async fn menu_of(
    ctx: &Authorized<OwnMenuRead>,
    catalogue: &CatalogueState,
    which: WhichWeek,
) -> Result<Json<ClientMenu>, Problem> {
    let input = (ctx.clone(), catalogue.snapshot(ctx.tenant_id()).await?, which);
    let menu = catalogue
        .db()
        .read(ctx, input, async |tx, (ctx, snapshot, which)| {
            super::get_client_menu(&ctx, &tx, &snapshot, which).await
        })
        .await?;
    Ok(Json(ClientMenu::at(menu, ctx.at())))
}
