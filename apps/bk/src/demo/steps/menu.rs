//! Step 3: the owner imports ingredients, confirms their allergens, creates dishes of them, and publishes the menu of
//! the current week.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    recipes::{self, DISHES, INGREDIENTS_CSV, IngredientIds, SIDES},
    tenant::CURRENCY,
};
use crate::demo::{
    browser::Browser,
    failure::{Failure, ensure},
    progress::StepResult,
    request::Request,
    response::Response,
    wait::wait_for,
};

/// Number of meals in the pack that is sold.
const PACK_MEALS: i64 = 20;
/// Price of the pack in minor units.
const PACK_PRICE_MINOR: i64 = 27_000;
/// Size of the pack's meals in grams.
pub(super) const PACK_SIZE_G: i64 = 300;
/// Capacity of each dish on the menu, in meals.
const CAPACITY: i64 = 40;

/// The published menu of the week, and the pack that is sold.
#[derive(Debug)]
pub(in crate::demo) struct Menu {
    pub(in crate::demo) week: String,
    pub(in crate::demo) opens_at: DateTime<Utc>,
    pub(in crate::demo) closes_at: DateTime<Utc>,
    pub(in crate::demo) cutoff_at: DateTime<Utc>,
    /// Ids of the dishes, in the order of the menu.
    pub(in crate::demo) dish_ids: Vec<String>,
    /// Id of one ingredient, with which the last step checks that other tenants cannot read it.
    pub(in crate::demo) ingredient_id: String,
    pub(in crate::demo) product_id: String,
    pub(in crate::demo) product_meals: i64,
}

/// Creates ingredients, sides, dishes and a pack product, and publishes the menu.
pub(in crate::demo) async fn run(owner: &Browser) -> Result<StepResult<Menu>, Failure> {
    let mut messages = Vec::new();
    messages.push(import(owner, true).await?);
    messages.push(import(owner, false).await?);
    messages.push(confirm_allergens(owner).await?);
    let ingredients = ingredient_ids(owner).await?;
    for side in &SIDES {
        create(owner, "/admin/components", side.request_body(&ingredients)?).await?;
    }
    let mut dish_ids = Vec::new();
    for dish in &DISHES {
        let response = create(owner, "/admin/dishes", dish.request_body(&ingredients)?).await?;
        messages.push(allergens_message(&response)?);
        dish_ids.push(response.json()?.text("/id")?.to_owned());
    }
    let product_id = create_pack_product(owner).await?;
    let week = current_week(owner).await?;
    publish(owner, &week.name, &dish_ids).await?;
    messages.push(format!("the menu of {} is published with {} dishes", week.name, dish_ids.len()));
    let ingredient_id = ingredients.into_values().next().unwrap_or_default();
    let value = Menu {
        week: week.name,
        opens_at: week.opens_at,
        closes_at: week.closes_at,
        cutoff_at: week.cutoff_at,
        dish_ids,
        ingredient_id,
        product_id,
        product_meals: PACK_MEALS,
    };
    Ok(StepResult { value, messages })
}

/// Imports the ingredients, or performs the dry run. Fails when the report has errors or does not create them all.
async fn import(owner: &Browser, dry_run: bool) -> Result<String, Failure> {
    let path = format!("/admin/ingredients/import?dry_run={dry_run}");
    let response = owner.send(Request::post_csv(path, INGREDIENTS_CSV)).await?;
    let report = response.json()?;
    let (rows, created) = (report.number("/rows")?, report.number("/created")?);
    let (errors, proposals) = (report.list("/errors")?, report.list("/allergen_proposals")?);
    let expected = i64::try_from(recipes::ingredient_count()).unwrap_or(i64::MAX);
    ensure(errors.is_empty() && rows == expected && created == expected, || {
        format!("the import of {expected} ingredients reports {}", report.value)
    })?;
    let result = if dry_run { "dry run: would create" } else { "imported: created" };
    Ok(format!(
        "{result} {created} of {rows} ingredients; allergens proposed for {}",
        proposals.len()
    ))
}

/// Confirms the allergens that the import proposed. Ingredients without a proposal stay unknown.
async fn confirm_allergens(owner: &Browser) -> Result<String, Failure> {
    let path = "/admin/ingredients?allergen_state=PROPOSED&limit=100";
    let response = owner.send(Request::get(path)).await?;
    let proposed = response.json()?.list("/items")?;
    for ingredient in &proposed {
        let path = format!("/admin/ingredients/{}/allergens", ingredient.text("/id")?);
        let body = json!({"allergens": ingredient.texts("/proposed_allergens")?});
        owner.send(Request::post(path, body).idempotency_key(Uuid::new_v4())).await?;
    }
    let path = "/admin/ingredients?allergen_state=UNKNOWN&limit=100";
    let response = owner.send(Request::get(path)).await?;
    let unknown = response.json()?.list("/items")?;
    let unknown: Vec<_> = unknown.iter().filter_map(|one| one.text("/name").ok()).collect();
    Ok(format!(
        "the owner confirmed the allergens of {}; unknown stays: {}",
        proposed.len(),
        unknown.join(", "),
    ))
}

/// Returns the ids of all ingredients.
async fn ingredient_ids(owner: &Browser) -> Result<IngredientIds, Failure> {
    let response = owner.send(Request::get("/admin/ingredients?limit=100")).await?;
    let items = response.json()?.list("/items")?;
    items
        .iter()
        .map(|item| Ok((item.text("/key")?.to_owned(), item.text("/id")?.to_owned())))
        .collect()
}

/// Returns a message with the allergens that the server computed for a dish.
fn allergens_message(response: &Response) -> Result<String, Failure> {
    let dish = response.json()?;
    let sources = dish.list("/computed/allergens")?;
    let names = sources.iter().map(|source| source.text("/label"));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let contains = if names.is_empty() { "no allergens".to_owned() } else { names.join(", ") };
    Ok(format!("dish {}: {contains} (computed)", dish.text("/name")?))
}

async fn create_pack_product(owner: &Browser) -> Result<String, Failure> {
    let body = json!({
        "sku": format!("demo-{PACK_MEALS}-{PACK_SIZE_G}"),
        "title": format!("{PACK_MEALS} meals of {PACK_SIZE_G} g"),
        "meals": PACK_MEALS,
        "meal_size_g": PACK_SIZE_G,
        "price": {"amount": PACK_PRICE_MINOR, "currency": CURRENCY},
        "active": true,
    });
    let response = create(owner, "/admin/pack-products", body).await?;
    Ok(response.json()?.text("/id")?.to_owned())
}

async fn create(owner: &Browser, path: &str, body: serde_json::Value) -> Result<Response, Failure> {
    let request = Request::post(path, body).idempotency_key(Uuid::new_v4());
    owner.send(request.expecting(StatusCode::CREATED)).await
}

/// An order week of the tenant.
struct Week {
    name: String,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    cutoff_at: DateTime<Utc>,
}

/// Waits until the worker has generated the weeks, and returns the one whose window is open or opens next.
async fn current_week(owner: &Browser) -> Result<Week, Failure> {
    wait_for("the order weeks of the new tenant", async || {
        let response = owner.send(Request::get("/admin/weeks?limit=100")).await?;
        for week in response.json()?.list("/items")? {
            if matches!(week.text("/state")?, "OPEN" | "UPCOMING") {
                return Ok(Some(Week {
                    name: week.text("/week")?.to_owned(),
                    opens_at: week.instant("/opens_at")?,
                    closes_at: week.instant("/closes_at")?,
                    cutoff_at: week.instant("/cutoff_at")?,
                }));
            }
        }
        Ok(None)
    })
    .await
}

/// Puts the dishes on the menu and publishes it.
async fn publish(owner: &Browser, week: &str, dish_ids: &[String]) -> Result<(), Failure> {
    let path = format!("/admin/menus/{week}");
    let etag = owner.send(Request::get(&path)).await?.etag()?;
    let dishes: Vec<_> =
        dish_ids.iter().map(|id| json!({"dish_id": id, "capacity": CAPACITY})).collect();
    owner.send(Request::put(&path, json!({"dishes": dishes})).if_match(etag)).await?;
    let response = owner.send(Request::post(format!("{path}/publish"), json!({}))).await?;
    let state = response.json()?.text("/state")?;
    ensure(state == "PUBLISHED", || format!("the menu of {week} is {state} after publishing"))
}
