//! Step 3: foods are imported, a person confirms their allergens, recipes are written from them, and
//! the menu of the current week is published.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    recipes::{self, DISHES, FOODS, Foods, SIDES},
    tenant::CURRENCY,
};
use crate::demo::{
    answer::Answer,
    ask::Ask,
    browser::Browser,
    failure::{Failure, ensure},
    progress::Done,
    wait::wait_for,
};

/// Meals of the pack that is sold, and what it costs in minor units.
const PACK_MEALS: i64 = 20;
const PACK_PRICE_MINOR: i64 = 27_000;
/// Grams per meal of the pack.
pub(super) const PACK_SIZE_G: i64 = 300;
/// Most meals of each dish.
const CAPACITY: i64 = 40;

/// What is on offer in the week.
#[derive(Debug)]
pub(in crate::demo) struct Menu {
    pub(in crate::demo) week: String,
    pub(in crate::demo) opens_at: DateTime<Utc>,
    pub(in crate::demo) closes_at: DateTime<Utc>,
    pub(in crate::demo) cutoff_at: DateTime<Utc>,
    /// The dishes on it, in order.
    pub(in crate::demo) dish_ids: Vec<String>,
    /// An ingredient, for whoever must not see it.
    pub(in crate::demo) ingredient_id: String,
    pub(in crate::demo) product_id: String,
    pub(in crate::demo) product_meals: i64,
}

/// Foods, recipes, a pack, a published menu.
pub(in crate::demo) async fn play(owner: &Browser) -> Result<Done<Menu>, Failure> {
    let mut told = Vec::new();
    told.push(import(owner, true).await?);
    told.push(import(owner, false).await?);
    told.push(confirm_allergens(owner).await?);
    let foods = foods(owner).await?;
    for side in &SIDES {
        let body = side.body(&foods)?;
        create(owner, "/admin/components", body).await?;
    }
    let mut dish_ids = Vec::new();
    for dish in &DISHES {
        let answer = create(owner, "/admin/dishes", dish.body(&foods)?).await?;
        told.push(contents(&answer)?);
        dish_ids.push(answer.json()?.text("/id")?.to_owned());
    }
    let product_id = create_pack(owner).await?;
    let week = current_week(owner).await?;
    publish(owner, &week.name, &dish_ids).await?;
    told.push(format!("the menu of {} is published with {} dishes", week.name, dish_ids.len()));
    let ingredient_id = foods.into_values().next().unwrap_or_default();
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
    Ok(Done { value, told })
}

/// Imports the foods, or asks what that would do.
async fn import(owner: &Browser, dry_run: bool) -> Result<String, Failure> {
    let path = format!("/admin/ingredients/import?dry_run={dry_run}");
    let answer = owner.ask(Ask::post_csv(path, FOODS)).await?;
    let report = answer.json()?;
    let (rows, created) = (report.number("/rows")?, report.number("/created")?);
    let (errors, proposals) = (report.list("/errors")?, report.list("/allergen_proposals")?);
    let expected = i64::try_from(recipes::rows()).unwrap_or(i64::MAX);
    ensure(errors.is_empty() && rows == expected && created == expected, || {
        format!("the import of {expected} foods reports {}", report.value)
    })?;
    let did = if dry_run { "dry run: would create" } else { "imported: created" };
    Ok(format!("{did} {created} of {rows} foods; allergens proposed for {}", proposals.len()))
}

/// Confirms what the table proposed. What nobody knows stays unknown.
async fn confirm_allergens(owner: &Browser) -> Result<String, Failure> {
    let path = "/admin/ingredients?allergen_state=PROPOSED&limit=100";
    let answer = owner.ask(Ask::get(path)).await?;
    let proposed = answer.json()?.list("/items")?;
    for ingredient in &proposed {
        let path = format!("/admin/ingredients/{}/allergens", ingredient.text("/id")?);
        let body = json!({"allergens": ingredient.texts("/proposed_allergens")?});
        owner.ask(Ask::post(path, body).once(Uuid::new_v4())).await?;
    }
    let path = "/admin/ingredients?allergen_state=UNKNOWN&limit=100";
    let answer = owner.ask(Ask::get(path)).await?;
    let unknown = answer.json()?.list("/items")?;
    let unknown: Vec<_> = unknown.iter().filter_map(|one| one.text("/name").ok()).collect();
    Ok(format!(
        "the owner confirmed the allergens of {}; unknown stays: {}",
        proposed.len(),
        unknown.join(", "),
    ))
}

/// The ids of the foods.
async fn foods(owner: &Browser) -> Result<Foods, Failure> {
    let answer = owner.ask(Ask::get("/admin/ingredients?limit=100")).await?;
    let items = answer.json()?.list("/items")?;
    items
        .iter()
        .map(|item| Ok((item.text("/key")?.to_owned(), item.text("/id")?.to_owned())))
        .collect()
}

/// What a dish turned out to contain.
fn contents(answer: &Answer) -> Result<String, Failure> {
    let dish = answer.json()?;
    let sources = dish.list("/computed/allergens")?;
    let names = sources.iter().map(|source| source.text("/label"));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let contains = if names.is_empty() { "no allergens".to_owned() } else { names.join(", ") };
    Ok(format!("dish {}: {contains} (computed)", dish.text("/name")?))
}

async fn create_pack(owner: &Browser) -> Result<String, Failure> {
    let body = json!({
        "sku": format!("demo-{PACK_MEALS}-{PACK_SIZE_G}"),
        "title": format!("{PACK_MEALS} meals of {PACK_SIZE_G} g"),
        "meals": PACK_MEALS,
        "meal_size_g": PACK_SIZE_G,
        "price": {"amount": PACK_PRICE_MINOR, "currency": CURRENCY},
        "active": true,
    });
    let answer = create(owner, "/admin/pack-products", body).await?;
    Ok(answer.json()?.text("/id")?.to_owned())
}

async fn create(owner: &Browser, path: &str, body: serde_json::Value) -> Result<Answer, Failure> {
    let ask = Ask::post(path, body).once(Uuid::new_v4());
    owner.ask(ask.expecting(StatusCode::CREATED)).await
}

/// A week of the kitchen.
struct Week {
    name: String,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
    cutoff_at: DateTime<Utc>,
}

/// The week whose window is open, or the next to open; the worker generates weeks.
async fn current_week(owner: &Browser) -> Result<Week, Failure> {
    wait_for("the order weeks of the new kitchen", async || {
        let answer = owner.ask(Ask::get("/admin/weeks?limit=100")).await?;
        for week in answer.json()?.list("/items")? {
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
    let etag = owner.ask(Ask::get(&path)).await?.etag()?;
    let dishes: Vec<_> =
        dish_ids.iter().map(|id| json!({"dish_id": id, "capacity": CAPACITY})).collect();
    owner.ask(Ask::put(&path, json!({"dishes": dishes})).if_match(etag)).await?;
    let answer = owner.ask(Ask::post(format!("{path}/publish"), json!({}))).await?;
    let state = answer.json()?.text("/state")?;
    ensure(state == "PUBLISHED", || format!("the menu of {week} is {state} after publishing"))
}
