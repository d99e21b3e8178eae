//! Rows of frozen plans, to and from the model. A plan is stored whole, as a document.

use bk_kernel::{OrderWeekId, ProductionPlanId};
use bk_persistence::store::*;

use super::{
    entity::production_plan::{ActiveModel, Column, Entity, Model},
    plan::FrozenPlan,
};

impl TryFrom<Model> for FrozenPlan {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let plan =
            serde_json::from_value(row.document).map_err(|_| corrupt_row("production plan"))?;
        Ok(Self { plan, frozen_at: row.frozen_at })
    }
}

/// Stores a plan. Its number is taken once per week.
pub(super) async fn insert_plan(
    tx: &TenantTx,
    week: OrderWeekId,
    frozen: &FrozenPlan,
) -> Result<(), DbError> {
    let plan = &frozen.plan;
    let too_large = |_| DbError::other("a plan is too large to be stored");
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(ProductionPlanId::new().uuid()),
        week_id: Set(week.uuid()),
        number: Set(i32::try_from(plan.number).map_err(too_large)?),
        document: Set(serde_json::to_value(plan).map_err(DbError::encoding)?),
        meals: Set(i32::try_from(plan.total_meals()).map_err(too_large)?),
        frozen_at: Set(frozen.frozen_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Returns the plan of a week and its deltas, by number; none before the lock.
pub(super) async fn plans_of_week(
    tx: &TenantTx,
    week: OrderWeekId,
) -> Result<Vec<FrozenPlan>, DbError> {
    let rows = in_tenant::<Entity>(tx)
        .filter(Column::WeekId.eq(week.uuid()))
        .order_by_asc(Column::Number)
        .all(tx)
        .await?;
    rows.into_iter().map(FrozenPlan::try_from).collect()
}
