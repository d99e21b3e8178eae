//! `kitchen_ingredients`.

use std::collections::BTreeSet;

use bk_kernel::{Cursor, IngredientId, Limit, Page};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    super::{
        entity::ingredient::{ActiveModel, Column, Entity, Model},
        ingredient::{
            AllergenKnowledge, Ingredient, IngredientContent, IngredientFilter, Measures,
        },
    },
    exact,
};
use crate::{Allergen, Conversion, Nutrition};

/// Rows of one insert: well below the 65,535 parameters of a statement.
const ROWS_PER_INSERT: usize = 500;

impl TryFrom<Model> for Ingredient {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let invalid = || corrupt_row("ingredient");
        let set = |names: Vec<String>| -> Result<BTreeSet<Allergen>, DbError> {
            names.iter().map(|name| name.parse().map_err(|_| invalid())).collect()
        };
        let allergens = match (row.allergens, row.proposed_allergens) {
            (Some(confirmed), _) => AllergenKnowledge::Confirmed(set(confirmed)?),
            (None, Some(proposed)) => AllergenKnowledge::Proposed(set(proposed)?),
            (None, None) => AllergenKnowledge::Unknown,
        };
        let conversions: Vec<Conversion> =
            serde_json::from_value(row.conversions).map_err(DbError::encoding)?;
        Ok(Self {
            id: row.id.into(),
            key: row.key.parse().map_err(|_| invalid())?,
            content: IngredientContent {
                name: row.name,
                category: row.category,
                nutrition: Nutrition {
                    energy_kj: exact(row.energy_kj),
                    protein_g: exact(row.protein_g),
                    fat_g: exact(row.fat_g),
                    saturated_fat_g: exact(row.saturated_fat_g),
                    carbohydrate_g: exact(row.carbohydrate_g),
                    sugars_g: exact(row.sugars_g),
                    sodium_mg: exact(row.sodium_mg),
                },
                purchase_unit: row.purchase_unit.parse().map_err(|_| invalid())?,
                measures: Measures::new(conversions, exact(row.density_g_per_ml))
                    .map_err(|_| invalid())?,
            },
            allergens,
            active: row.active,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// Every column but the ids, the key and the instant of creation.
fn content_columns(ingredient: &Ingredient, now: DateTime<Utc>) -> Result<ActiveModel, DbError> {
    let names = |set: &BTreeSet<Allergen>| -> Vec<String> {
        set.iter().map(|allergen| allergen.as_str().to_owned()).collect()
    };
    let content = &ingredient.content;
    let conversions =
        serde_json::to_value(content.measures.conversions()).map_err(DbError::encoding)?;
    Ok(ActiveModel {
        name: Set(content.name.clone()),
        category: Set(content.category.clone()),
        allergen_state: Set(ingredient.allergens.name().as_str().to_owned()),
        allergens: Set(ingredient.allergens.confirmed().map(names)),
        proposed_allergens: Set(ingredient.allergens.proposed().map(names)),
        energy_kj: Set(content.nutrition.energy_kj),
        protein_g: Set(content.nutrition.protein_g),
        fat_g: Set(content.nutrition.fat_g),
        saturated_fat_g: Set(content.nutrition.saturated_fat_g),
        carbohydrate_g: Set(content.nutrition.carbohydrate_g),
        sugars_g: Set(content.nutrition.sugars_g),
        sodium_mg: Set(content.nutrition.sodium_mg),
        purchase_unit: Set(content.purchase_unit.as_str().to_owned()),
        conversions: Set(conversions),
        density_g_per_ml: Set(content.measures.density_g_per_ml()),
        active: Set(ingredient.active),
        updated_at: Set(now),
        ..ActiveModel::default()
    })
}

/// The ingredient of an id.
pub(crate) async fn ingredient_by_id(
    tx: &TenantTx,
    id: IngredientId,
) -> Result<Option<Ingredient>, DbError> {
    let row = find_in_tenant::<Entity>(tx, id).await?;
    row.map(Ingredient::try_from).transpose()
}

/// Every ingredient, by id.
pub(crate) async fn all_ingredients(tx: &TenantTx) -> Result<Vec<Ingredient>, DbError> {
    let rows = in_tenant::<Entity>(tx).order_by_asc(Column::Id).all(tx).await?;
    rows.into_iter().map(Ingredient::try_from).collect()
}

/// Ingredients that pass the filter, oldest first.
pub(crate) async fn list_ingredients(
    tx: &TenantTx,
    filter: IngredientFilter,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Ingredient>, DbError> {
    let mut query = in_tenant::<Entity>(tx);
    if let Some(part) = filter.name_contains {
        let pattern = format!("%{}%", escape_like(&part.to_lowercase()));
        let name = Expr::expr(Func::lower(Expr::col(Column::Name)));
        query = query.filter(name.like(LikeExpr::new(pattern).escape('\\')));
    }
    if let Some(state) = filter.allergen_state {
        query = query.filter(Column::AllergenState.eq(state.as_str()));
    }
    if let Some(active) = filter.active {
        query = query.filter(Column::Active.eq(active));
    }
    if let Some(Cursor(id)) = after {
        query = query.filter(Column::Id.gt(id));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    let items = rows.into_iter().map(Ingredient::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::from_overfetch(items, limit, |ingredient| ingredient.id.uuid()))
}

/// `%`, `_` and the escape itself mean themselves.
fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn whole_row(
    tx: &TenantTx,
    ingredient: &Ingredient,
    now: DateTime<Utc>,
) -> Result<ActiveModel, DbError> {
    Ok(ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(ingredient.id.uuid()),
        key: Set(ingredient.key.as_str().to_owned()),
        version: Set(ingredient.version),
        created_at: Set(ingredient.created_at),
        ..content_columns(ingredient, now)?
    })
}

/// Inserts an ingredient.
pub(crate) async fn insert_ingredient(
    tx: &TenantTx,
    ingredient: &Ingredient,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    insert_ingredients(tx, std::slice::from_ref(ingredient), now).await
}

/// Inserts many ingredients in few statements.
pub(crate) async fn insert_ingredients(
    tx: &TenantTx,
    ingredients: &[Ingredient],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    for some in ingredients.chunks(ROWS_PER_INSERT) {
        let rows = some.iter().map(|one| whole_row(tx, one, now)).collect::<Result<Vec<_>, _>>()?;
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes everything that may change and raises the version, if the stored version is the model's.
pub(crate) async fn update_ingredient(
    tx: &TenantTx,
    ingredient: &Ingredient,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = content_columns(ingredient, now)?;
    touch_version::<Entity>(tx, ingredient.id, ingredient.version, change).await
}
