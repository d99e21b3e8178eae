//! Facts of other domains that the kitchen acts on.

use async_trait::async_trait;
use bk_contracts::facts::Fact;
use bk_kernel::OperationContext;
use bk_persistence::{EventHandler, HandlerError, OutboxEvent, TenantTx};

use crate::Kitchen;

/// The kitchen's consumer of the outbox.
pub(crate) struct KitchenFacts(pub(crate) Kitchen);

#[async_trait]
impl EventHandler for KitchenFacts {
    fn consumer(&self) -> &'static str {
        "kitchen"
    }

    async fn handle(
        &self,
        _: &OperationContext,
        tx: &TenantTx,
        event: &OutboxEvent,
    ) -> Result<(), HandlerError> {
        match Fact::from_event(event)? {
            Fact::TenantCreated(_) | Fact::ScheduleChanged(_) => {
                self.0.generate_weeks_in(tx).await?;
            }
            Fact::PurchasePaid(paid) => {
                crate::packs::grant_pack(tx, &paid, event.request_id).await?;
            }
            Fact::OrderConfirmed(_) | Fact::WeekLocked(_) => {}
        }
        Ok(())
    }
}
