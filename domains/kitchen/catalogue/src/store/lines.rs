//! `kitchen_recipe_lines`.

use std::collections::BTreeMap;

use bk_kernel::{ComponentId, DishId, RecipeId};
use bk_kitchen_core::MealSize;
use bk_persistence::store::*;
use uuid::Uuid;

use super::super::{
    entity::recipe_line::{ActiveModel, Column, Entity, Model},
    recipe::{Part, RecipeLine, ServingRecipe, YieldPercent},
    unit::Quantity,
};

/// What the lines belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A dish's, per serving.
    Dish(DishId),
    /// A side's, per serving.
    Side(ComponentId),
    /// A sub-recipe's, per batch.
    SubRecipe(RecipeId),
}

/// All recipe lines of a tenant.
#[derive(Debug, Default)]
pub(super) struct AllLines {
    pub(super) servings: BTreeMap<Owner, ServingRecipe>,
    pub(super) batches: BTreeMap<RecipeId, Vec<RecipeLine>>,
}

impl TryFrom<&Model> for RecipeLine {
    type Error = DbError;

    fn try_from(row: &Model) -> Result<Self, DbError> {
        let invalid = || corrupt_row("recipe line");
        let part = match (row.ingredient_id, row.used_sub_recipe_id) {
            (Some(id), None) => Part::Ingredient(id.into()),
            (None, Some(id)) => Part::Recipe(id.into()),
            _ => return Err(invalid()),
        };
        let unit = row.unit.parse().map_err(|_| invalid())?;
        let quantity = Quantity::positive(row.quantity, unit).map_err(|_| invalid())?;
        Ok(Self { part, quantity, yield_percent: YieldPercent::FULL })
    }
}

/// Every line of the tenant, in order.
pub(super) async fn all_lines(tx: &TenantTx) -> Result<AllLines, DbError> {
    let rows = in_tenant::<Entity>(tx).order_by_asc(Column::Position).all(tx).await?;
    let mut all = AllLines::default();
    for row in rows {
        let line = RecipeLine::try_from(&row)?;
        let owner = match (row.dish_id, row.component_id, row.sub_recipe_id) {
            (Some(id), None, None) => Owner::Dish(id.into()),
            (None, Some(id), None) => Owner::Side(id.into()),
            (None, None, Some(id)) => {
                all.batches.entry(id.into()).or_default().push(line);
                continue;
            }
            _ => return Err(corrupt_row("recipe line")),
        };
        let size = row.meal_size_g.and_then(|grams| MealSize::try_from(grams).ok());
        let size = size.ok_or_else(|| corrupt_row("recipe line"))?;
        all.servings.entry(owner).or_default().sizes.entry(size).or_default().push(line);
    }
    Ok(all)
}

/// Puts these lines, each list in order, in the place of those that are stored.
pub(super) async fn replace_lines(
    tx: &TenantTx,
    owner: Owner,
    lists: &[(Option<MealSize>, &[RecipeLine])],
) -> Result<(), DbError> {
    let tenant_id = tx.tenant_id().uuid();
    let (column, owner_id) = match owner {
        Owner::Dish(id) => (Column::DishId, id.uuid()),
        Owner::Side(id) => (Column::ComponentId, id.uuid()),
        Owner::SubRecipe(id) => (Column::SubRecipeId, id.uuid()),
    };
    Entity::delete_many()
        .filter(Column::TenantId.eq(tenant_id))
        .filter(column.eq(owner_id))
        .exec(tx)
        .await?;
    let mut rows = Vec::new();
    for (size, lines) in lists {
        for (position, line) in (0..).zip(*lines) {
            rows.push(row(tenant_id, owner, *size, position, line));
        }
    }
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row(
    tenant_id: Uuid,
    owner: Owner,
    size: Option<MealSize>,
    position: i32,
    line: &RecipeLine,
) -> ActiveModel {
    let (dish_id, side_id, sub_recipe_id) = match owner {
        Owner::Dish(id) => (Some(id.uuid()), None, None),
        Owner::Side(id) => (None, Some(id.uuid()), None),
        Owner::SubRecipe(id) => (None, None, Some(id.uuid())),
    };
    let (ingredient_id, used_sub_recipe_id) = match line.part {
        Part::Ingredient(id) => (Some(id.uuid()), None),
        Part::Recipe(id) => (None, Some(id.uuid())),
    };
    ActiveModel {
        tenant_id: Set(tenant_id),
        id: Set(Uuid::now_v7()),
        dish_id: Set(dish_id),
        component_id: Set(side_id),
        sub_recipe_id: Set(sub_recipe_id),
        meal_size_g: Set(size.map(MealSize::grams)),
        position: Set(position),
        ingredient_id: Set(ingredient_id),
        used_sub_recipe_id: Set(used_sub_recipe_id),
        quantity: Set(line.quantity.amount()),
        unit: Set(line.quantity.unit().as_str().to_owned()),
    }
}
