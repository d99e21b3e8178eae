//! Facts: what happened in one domain, for the others. Published through the outbox in the
//! transaction of the change and delivered at least once, in order within an aggregate.

use bk_kernel::{
    AccountId, Money, OperationContext, OrderId, OrderWeekId, PackProductId, PurchaseId,
};
use bk_persistence::{DbError, OutboxEvent, TenantTx, outbox};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything a domain publishes for the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// A verified payment made a purchase `PAID`.
    PurchasePaid(PurchasePaid),
    /// An order was confirmed and its meals consumed.
    OrderConfirmed(OrderConfirmed),
    /// The cutoff passed: every confirmed order of the week is locked.
    WeekLocked(WeekLocked),
    /// A tenant was created: its weeks can be generated.
    TenantCreated(TenantCreated),
    /// The ordering schedule of the tenant changed: future weeks follow the new one.
    ScheduleChanged(ScheduleChanged),
}

/// A pack was paid for; carries all that is needed to grant it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchasePaid {
    /// The purchase; one purchase grants one pack.
    pub purchase_id: PurchaseId,
    /// The account that bought it.
    pub account_id: AccountId,
    /// What was bought.
    pub product_id: PackProductId,
    /// Title of the product when it was bought.
    pub title: String,
    /// Number of meals in the pack.
    pub meals: i32,
    /// Grams per meal.
    pub meal_size_g: i32,
    /// What was paid.
    pub paid: Money,
    /// When the payment was recorded.
    pub paid_at: DateTime<Utc>,
}

/// An order was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderConfirmed {
    /// The confirmed order.
    pub order_id: OrderId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// The order week.
    pub week_id: OrderWeekId,
    /// Number of meals consumed from packs.
    pub meals: i32,
    /// When the order was confirmed.
    pub confirmed_at: DateTime<Utc>,
}

/// A week was locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekLocked {
    /// The locked order week.
    pub week_id: OrderWeekId,
    /// Its name, `2026-W48`.
    pub week: String,
    /// Number of orders locked.
    pub orders: i64,
    /// When the week was locked.
    pub locked_at: DateTime<Utc>,
}

/// A tenant was created, with the default schedule or the one given by the seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantCreated {
    /// The slug of the new tenant.
    pub slug: String,
}

/// The tenant's time zone, window or cutoff changed; the schedule itself is read from its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleChanged {
    /// When the schedule was changed.
    pub changed_at: DateTime<Utc>,
}

impl Fact {
    /// The stable name under which it is stored.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PurchasePaid(_) => "purchase_paid",
            Self::OrderConfirmed(_) => "order_confirmed",
            Self::WeekLocked(_) => "week_locked",
            Self::TenantCreated(_) => "tenant_created",
            Self::ScheduleChanged(_) => "schedule_changed",
        }
    }

    /// Delivery is in order within an aggregate.
    #[must_use]
    pub fn aggregate(&self) -> String {
        match self {
            Self::PurchasePaid(fact) => format!("purchase:{}", fact.purchase_id),
            Self::OrderConfirmed(fact) => format!("order:{}", fact.order_id),
            Self::WeekLocked(fact) => format!("week:{}", fact.week_id),
            // One aggregate for both: no change of a schedule is delivered before the tenant.
            Self::TenantCreated(_) | Self::ScheduleChanged(_) => "tenant-schedule".to_owned(),
        }
    }

    /// Writes the fact to the outbox of the caller's transaction, as caused by the operation.
    ///
    /// Fails when the database does.
    pub async fn publish(&self, context: &OperationContext, tx: &TenantTx) -> Result<(), DbError> {
        let payload = serde_json::to_value(self).map_err(DbError::encoding)?;
        outbox::append(context, tx, &self.aggregate(), self.kind(), &payload).await
    }

    /// Reads a delivered event.
    pub fn from_event(event: &OutboxEvent) -> Result<Self, serde_json::Error> {
        Self::deserialize(&event.payload)
    }
}
