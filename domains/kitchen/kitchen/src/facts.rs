//! Facts of other domains that the kitchen acts on.

use async_trait::async_trait;
use bk_contracts::facts::Fact;
use bk_kernel::OperationContext;
use bk_kitchen_core::KitchenState;
use bk_kitchen_ordering::weeks;
use bk_kitchen_wallet::packs;
use bk_persistence::{EventHandler, HandlerError, OutboxEvent, TenantTx};

/// The kitchen's consumer of the outbox.
pub(crate) struct KitchenFacts(pub(crate) KitchenState);

#[async_trait]
impl EventHandler for KitchenFacts {
    fn consumer(&self) -> &'static str {
        "kitchen"
    }

    async fn handle(
        &self,
        ctx: &OperationContext,
        tx: &TenantTx,
        event: &OutboxEvent,
    ) -> Result<(), HandlerError> {
        match Fact::from_event(event)? {
            Fact::TenantCreated(_) | Fact::ScheduleChanged(_) => {
                weeks::generate_weeks_of_tenant(ctx, tx, &self.0).await?;
            }
            Fact::PurchasePaid(paid) => packs::grant_pack(ctx, tx, &paid).await?,
            Fact::OrderConfirmed(_) | Fact::WeekLocked(_) => {}
        }
        Ok(())
    }
}
