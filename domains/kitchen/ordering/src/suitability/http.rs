//! `GET /client/menu/current`, `GET /client/menu/{week}`.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem, Routes};
use bk_kernel::Code;
use bk_kitchen_accounts::preferences::{Evaluation, RuleKind, evaluate::Warning};
use bk_kitchen_catalogue::{AllergenInfo, CatalogueState, Nutrition};
use bk_kitchen_core::permissions::OwnMenuRead;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::read_client_menu::{
    ClientDish, ClientMenu, ClientMenuError, WhichWeek, read_client_menu,
};

/// Mounts this slice. `current` comes before `{week}`.
pub fn routes(routes: &mut Routes<'_>) {
    routes.mount(get_current_menu).mount(get_menu_of_week);
}

/// The menu of a week.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientMenuDto {
    /// The order week.
    #[schema(example = "2026-W48")]
    pub week: String,
    /// When ordering opens.
    #[schema(example = "2026-11-27T02:00:00Z")]
    pub opens_at: DateTime<Utc>,
    /// When it closes: at this instant it is closed.
    #[schema(example = "2026-11-29T14:00:00Z")]
    pub closes_at: DateTime<Utc>,
    /// When confirmed orders are locked.
    #[schema(example = "2026-11-29T23:00:00Z")]
    pub cutoff_at: DateTime<Utc>,
    /// `UPCOMING`, `OPEN`, `CLOSED` or `LOCKED`.
    #[schema(example = "OPEN")]
    pub state: String,
    /// The dishes, in the order of the menu.
    pub dishes: Vec<ClientDishDto>,
}

/// A dish on offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientDishDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    pub dish_id: Uuid,
    /// Its key.
    #[schema(example = "lemon_myrtle_chicken")]
    pub key: String,
    /// Its name.
    #[schema(example = "Lemon myrtle chicken")]
    pub name: String,
    /// A calm sentence about it.
    #[schema(example = "Roast chicken with lemon myrtle and greens.")]
    pub description: String,
    /// `KETO`, `CARNIVORE`, `BALANCED` or `VEGETARIAN`.
    #[schema(example = "BALANCED")]
    pub category: String,
    /// Whether its sides come from the account's preset.
    pub configurable: bool,
    /// Allergens of the recipe, FSANZ names.
    #[schema(example = json!(["milk"]))]
    pub allergens: Vec<String>,
    /// False when something in it has no confirmed allergens: then the list may be incomplete.
    #[schema(example = true)]
    pub allergens_known: bool,
    /// Facts per serving, by size; sides not included.
    pub nutrition: Vec<ServingDto>,
    /// Meals that can still be ordered, or null for no limit.
    #[schema(example = 12)]
    pub capacity_left: Option<i32>,
    /// How it suits the account.
    pub suitability: SuitabilityDto,
}

/// The facts of one serving; null is unknown, never zero.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServingDto {
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// Energy, kilojoules.
    #[schema(example = "1840")]
    pub energy_kj: Option<String>,
    /// Protein, grams.
    #[schema(example = "38.5")]
    pub protein_g: Option<String>,
    /// Fat, grams.
    #[schema(example = "14.2")]
    pub fat_g: Option<String>,
    /// Saturated fat, grams.
    #[schema(example = "3.1")]
    pub saturated_fat_g: Option<String>,
    /// Carbohydrate, grams.
    #[schema(example = "22")]
    pub carbohydrate_g: Option<String>,
    /// Sugars, grams.
    #[schema(example = "5.4")]
    pub sugars_g: Option<String>,
    /// Sodium, milligrams.
    #[schema(example = "410")]
    pub sodium_mg: Option<String>,
}

impl ServingDto {
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
pub struct SuitabilityDto {
    /// `OK`, `WARN` or `BLOCKED`.
    #[schema(example = "WARN")]
    pub status: String,
    /// From -100 (blocked) to 100 (everything liked).
    #[schema(example = -10, minimum = -100, maximum = 100)]
    pub score: i32,
    /// The rules that matched.
    pub matches: Vec<MatchDto>,
    /// What else to know.
    #[schema(example = json!(["fish sauce: allergens are not confirmed"]))]
    pub warnings: Vec<String>,
}

/// A rule that matched, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchDto {
    /// `ALLERGEN`, `EXCLUSION`, `DISLIKE` or `LIKE`.
    #[schema(example = "DISLIKE")]
    pub kind: String,
    /// The allergen or the ingredient's key.
    #[schema(example = "coriander")]
    pub target: String,
    /// From the outermost sub-recipe down to the ingredient.
    #[schema(example = json!(["Green sauce", "Coriander"]))]
    pub path: Vec<String>,
}

impl From<Evaluation> for SuitabilityDto {
    fn from(evaluation: Evaluation) -> Self {
        let matches = evaluation.matches.iter().map(|found| MatchDto {
            kind: found.rule.kind().as_str().to_owned(),
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
            status: evaluation.status.as_str().to_owned(),
            score: evaluation.score,
            matches: matches.collect(),
            warnings: warnings.collect(),
        }
    }
}

impl From<ClientDish> for ClientDishDto {
    fn from(client: ClientDish) -> Self {
        let computed = client.dish.computed;
        let composition = computed.composition;
        let known = matches!(composition.info(), AllergenInfo::Declared(_));
        Self {
            dish_id: client.dish_id.uuid(),
            key: client.dish.entry.key,
            name: client.dish.dish.name,
            description: client.dish.description,
            category: client.dish.dish.category.as_str().to_owned(),
            configurable: client.dish.dish.configurable,
            allergens: composition.allergens.keys().map(|name| name.as_str().to_owned()).collect(),
            allergens_known: known,
            nutrition: computed
                .servings
                .into_iter()
                .map(|(size, serving)| ServingDto::new(size.grams(), serving.nutrition))
                .collect(),
            capacity_left: client.left,
            suitability: client.suitability.into(),
        }
    }
}

impl ClientMenuDto {
    fn at(menu: ClientMenu, now: DateTime<Utc>) -> Self {
        let week = menu.week.times;
        Self {
            week: week.name.to_string(),
            opens_at: week.opens_at,
            closes_at: week.closes_at,
            cutoff_at: week.cutoff_at,
            state: week.state_at(now).to_string(),
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

/// The menu of the current week.
///
/// The week whose window is open, or the next to open, with how each dish suits the caller's account.
#[utoipa::path(tag = "menu", responses((status = 200, description = "The menu", body = ClientMenuDto)))]
#[get("/client/menu/current")]
pub(crate) async fn get_current_menu(
    who: Allowed<OwnMenuRead>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<ClientMenuDto>, Problem> {
    read(who, kitchen, WhichWeek::Current).await
}

impl Guarded for get_current_menu {
    const POLICY: Policy = Policy::client::<OwnMenuRead>();
}

/// The menu of a week.
#[utoipa::path(tag = "menu", params(("week" = String, Path, description = "An ISO week", example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")), responses((status = 200, description = "The menu", body = ClientMenuDto)))]
#[get("/client/menu/{week}")]
pub(crate) async fn get_menu_of_week(
    who: Allowed<OwnMenuRead>,
    week: Path<String>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<ClientMenuDto>, Problem> {
    let week = week.0.parse().map_err(|_| Code::NotFound)?;
    read(who, kitchen, WhichWeek::Named(week)).await
}

impl Guarded for get_menu_of_week {
    const POLICY: Policy = Policy::client::<OwnMenuRead>();
}

async fn read(
    who: Allowed<OwnMenuRead>,
    kitchen: web::Data<CatalogueState>,
    which: WhichWeek,
) -> Result<Json<ClientMenuDto>, Problem> {
    let now = who.caller.now();
    let book = kitchen.book(who.caller.tenant_id()).await?;
    let menu =
        kitchen
            .tenant(who.caller.tenant_id())
            .read(move |tx| async move {
                read_client_menu(&tx, &who.caller.actor, &book, which, now).await
            })
            .await?;
    Ok(Json(ClientMenuDto::at(menu, now)))
}
