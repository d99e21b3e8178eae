//! `kitchen_pack_products` and `kitchen_plans`.

use bk_kernel::{Cursor, Limit, Money, PackProductId, Page, PlanId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    entity::{pack_product, plan},
    product::{Entitlements, PackProduct, PackProductContent, Plan, PlanContent},
};

impl TryFrom<pack_product::Model> for PackProduct {
    type Error = DbError;

    fn try_from(row: pack_product::Model) -> Result<Self, DbError> {
        let currency = row.currency.parse().map_err(|_| corrupt_row("currency"))?;
        Ok(Self {
            id: row.id.into(),
            sku: row.sku,
            content: PackProductContent {
                title: row.title,
                meals: row.meals,
                meal_size: row.meal_size_g.try_into().map_err(|_| corrupt_row("meal size"))?,
                price: Money::new(row.price_minor, currency),
                stripe_price_id: row.stripe_price_id,
                active: row.active,
            },
            version: row.version,
            created_at: row.created_at,
        })
    }
}

fn pack_columns(content: &PackProductContent, now: DateTime<Utc>) -> pack_product::ActiveModel {
    pack_product::ActiveModel {
        title: Set(content.title.clone()),
        meals: Set(content.meals),
        meal_size_g: Set(content.meal_size.grams()),
        price_minor: Set(content.price.amount_minor),
        currency: Set(content.price.currency.as_str().to_owned()),
        stripe_price_id: Set(content.stripe_price_id.clone()),
        active: Set(content.active),
        updated_at: Set(now),
        ..pack_product::ActiveModel::default()
    }
}

/// The pack product of an id.
pub(super) async fn pack_product_by_id(
    tx: &TenantTx,
    id: PackProductId,
) -> Result<Option<PackProduct>, DbError> {
    let row = find_in_tenant::<pack_product::Entity>(tx, id).await?;
    row.map(PackProduct::try_from).transpose()
}

/// Pack products, oldest first; only those for sale if so requested.
pub(super) async fn list_pack_products(
    tx: &TenantTx,
    active: Option<bool>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<PackProduct>, DbError> {
    use pack_product::{Column, Entity};
    let mut query = in_tenant::<Entity>(tx);
    if let Some(active) = active {
        query = query.filter(Column::Active.eq(active));
    }
    if let Some(Cursor(id)) = after {
        query = query.filter(Column::Id.gt(id));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    let items = rows.into_iter().map(PackProduct::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::from_overfetch(items, limit, |product| product.id.uuid()))
}

/// Inserts a pack product.
pub(super) async fn insert_pack_product(
    tx: &TenantTx,
    product: &PackProduct,
) -> Result<(), DbError> {
    let row = pack_product::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(product.id.uuid()),
        sku: Set(product.sku.clone()),
        version: Set(product.version),
        created_at: Set(product.created_at),
        ..pack_columns(&product.content, product.created_at)
    };
    pack_product::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what may change and raises the version, if the stored version is the model's.
pub(super) async fn update_pack_product(
    tx: &TenantTx,
    product: &PackProduct,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = pack_columns(&product.content, now);
    touch_version::<pack_product::Entity>(tx, product.id, product.version, change).await
}

impl TryFrom<plan::Model> for Plan {
    type Error = DbError;

    fn try_from(row: plan::Model) -> Result<Self, DbError> {
        let currency = row.currency.parse().map_err(|_| corrupt_row("currency"))?;
        Ok(Self {
            id: row.id.into(),
            key: row.key,
            content: PlanContent {
                title: row.title,
                tier: from_word(&row.tier, "plan")?,
                billing_interval: from_word(&row.billing_interval, "plan")?,
                price: Money::new(row.price_minor, currency),
                stripe_price_id: row.stripe_price_id,
                entitlements: Entitlements {
                    preset_access: row.preset_access,
                    override_access: row.override_access,
                    override_allowance: row.override_allowance,
                    ingredient_tier: from_word(&row.ingredient_tier, "plan")?,
                    promo_unlocked_credits: row.promo_unlocked_credits,
                    account_manager_level: from_word(&row.account_manager_level, "plan")?,
                    late_order: row.late_order,
                    urgent_delivery: row.urgent_delivery,
                },
                active: row.active,
            },
            version: row.version,
            created_at: row.created_at,
        })
    }
}

fn plan_columns(content: &PlanContent, now: DateTime<Utc>) -> plan::ActiveModel {
    let allowed = &content.entitlements;
    plan::ActiveModel {
        title: Set(content.title.clone()),
        tier: Set(content.tier.as_str().to_owned()),
        billing_interval: Set(content.billing_interval.as_str().to_owned()),
        price_minor: Set(content.price.amount_minor),
        currency: Set(content.price.currency.as_str().to_owned()),
        stripe_price_id: Set(content.stripe_price_id.clone()),
        preset_access: Set(allowed.preset_access),
        override_access: Set(allowed.override_access),
        override_allowance: Set(allowed.override_allowance),
        ingredient_tier: Set(allowed.ingredient_tier.as_str().to_owned()),
        promo_unlocked_credits: Set(allowed.promo_unlocked_credits),
        account_manager_level: Set(allowed.account_manager_level.as_str().to_owned()),
        late_order: Set(allowed.late_order),
        urgent_delivery: Set(allowed.urgent_delivery),
        active: Set(content.active),
        updated_at: Set(now),
        ..plan::ActiveModel::default()
    }
}

/// The plan of an id.
pub(super) async fn plan_by_id(tx: &TenantTx, id: PlanId) -> Result<Option<Plan>, DbError> {
    let row = find_in_tenant::<plan::Entity>(tx, id).await?;
    row.map(Plan::try_from).transpose()
}

/// Plans, oldest first; only those for sale if so requested.
pub(super) async fn list_plans(
    tx: &TenantTx,
    active: Option<bool>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Plan>, DbError> {
    use plan::{Column, Entity};
    let mut query = in_tenant::<Entity>(tx);
    if let Some(active) = active {
        query = query.filter(Column::Active.eq(active));
    }
    if let Some(Cursor(id)) = after {
        query = query.filter(Column::Id.gt(id));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    let items = rows.into_iter().map(Plan::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::from_overfetch(items, limit, |plan| plan.id.uuid()))
}

/// Inserts a plan.
pub(super) async fn insert_plan(tx: &TenantTx, plan: &Plan) -> Result<(), DbError> {
    let row = plan::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(plan.id.uuid()),
        key: Set(plan.key.clone()),
        version: Set(plan.version),
        created_at: Set(plan.created_at),
        ..plan_columns(&plan.content, plan.created_at)
    };
    plan::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what may change and raises the version, if the stored version is the model's.
pub(super) async fn update_plan(
    tx: &TenantTx,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = plan_columns(&plan.content, now);
    touch_version::<plan::Entity>(tx, plan.id, plan.version, change).await
}
