//! The week before the current one, ordered and locked through the use cases as if it were then, so
//! that production has sheets to show at once.

use std::sync::Arc;

use bk_kernel::{
    Actor, ActorKind, Authorized, Code, OperationContext, SessionId, SessionRef, TenantId, UserId,
    permission::Permission as _,
};
use bk_kitchen_accounts::{
    accounts,
    preferences::{self, evaluate},
};
use bk_kitchen_catalogue::{CatalogueSnapshot, load_snapshot};
use bk_kitchen_core::{MealSize, permissions::OwnOrdersWrite};
use bk_kitchen_ordering::{
    menu::{self, Menu},
    orders::{
        ConfirmOrder, ConfirmOrderError, LineRequest, LinesError, OrderLines, ReplaceLinesError,
        confirm_order, replace_lines,
    },
    weeks::{self, WeekTimes},
};
use bk_kitchen_production::{LockWeekError, lock_week};
use bk_persistence::{DbError, TenantTx};
use chrono::TimeDelta;
use thiserror::Error;

use super::{data::DemoTenant, seed::DemoPeople};

/// An order of the past week: the first dishes of its menu that suit the account.
pub(super) struct PastOrder {
    /// The local part of the login of the customer.
    pub(super) login: &'static str,
    /// The size of every meal.
    pub(super) size: MealSize,
    /// Meals per dish.
    quantities: &'static [i32],
}

impl PastOrder {
    /// Meals ordered.
    pub(super) fn meals(&self) -> i32 {
        self.quantities.iter().sum()
    }
}

/// They take meals from the account's first pack; the opening balance of that pack makes up for it.
pub(super) const PAST_ORDERS: [PastOrder; 2] = [
    PastOrder { login: "client2", size: MealSize::G400, quantities: &[3, 2, 2, 1] },
    PastOrder { login: "client3", size: MealSize::G300, quantities: &[2, 2, 1] },
];

/// Why the past week could not be cooked.
#[derive(Debug, Error)]
pub enum PastWeekError {
    /// The week or its menu is not there.
    #[error("the past week has no menu")]
    NoMenu,
    /// The principal may not order or lock.
    #[error("the demo may not order or lock: {0}")]
    Permission(Code),
    /// The lines are no order.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The order could not be drafted.
    #[error(transparent)]
    Draft(#[from] ReplaceLinesError),
    /// The order could not be confirmed.
    #[error(transparent)]
    Confirm(#[from] ConfirmOrderError),
    /// The week could not be locked.
    #[error(transparent)]
    Lock(#[from] LockWeekError),
    /// The past week could not be read.
    #[error("database")]
    Db(#[from] DbError),
}

/// Orders the meals of the past week and locks it.
pub(super) async fn order_and_lock(
    ctx: &OperationContext,
    tx: &TenantTx,
    tenant: &DemoTenant,
    people: &DemoPeople,
    past: &WeekTimes,
) -> Result<(), PastWeekError> {
    let week = weeks::week_by_name(tx, past.name).await?.ok_or(PastWeekError::NoMenu)?;
    if week.locked_at.is_some() || week.times != *past {
        // The tenant has a past of its own: it ordered before the demo came.
        return Ok(());
    }
    let snapshot = load_snapshot(tx).await?;
    let menu = menu::published_menu(tx, week.id).await?.ok_or(PastWeekError::NoMenu)?;
    let known = |order: &&PastOrder| tenant.clients().any(|(login, _)| login == order.login);
    for order in PAST_ORDERS.iter().filter(known) {
        if let Some(user) = people.client_users.get(order.login) {
            place(ctx, tx, (&snapshot, &menu), order, *user, past).await?;
        }
    }
    let at_cutoff = ctx.clone().later(past.cutoff_at);
    let at_cutoff = Authorized::check(at_cutoff).map_err(PastWeekError::Permission)?;
    lock_week(&at_cutoff, tx, &snapshot, past.name).await?;
    Ok(())
}

/// Drafts and confirms an order in the name of the customer.
async fn place(
    ctx: &OperationContext,
    tx: &TenantTx,
    (snapshot, menu): (&CatalogueSnapshot, &Menu),
    order: &PastOrder,
    user: UserId,
    past: &WeekTimes,
) -> Result<(), PastWeekError> {
    let account = accounts::account_of(tx, user).await?.ok_or(PastWeekError::NoMenu)?;
    let rules = preferences::default_rules(tx, account.id).await?;
    let suits = menu.dishes.iter().map(|dish| dish.entry.dish_id).filter(|id| {
        let serving =
            snapshot.dishes.get(id).and_then(|dish| dish.computed.servings.get(&order.size));
        serving.is_some_and(|serving| !evaluate(&rules, &serving.subject).is_blocked())
    });
    let requests: Vec<_> = suits
        .zip(order.quantities)
        .map(|(dish_id, quantity)| LineRequest { dish_id, size: order.size, quantity: *quantity })
        .collect();
    let lines = OrderLines::new(&requests)?;
    let actor = Arc::new(customer(ctx.tenant_id(), user));
    let drafted_at = past.opens_at + TimeDelta::minutes(20);
    let drafting = OperationContext::of_actor(actor, ctx.request_id(), drafted_at);
    let confirming = drafting.clone().later(drafted_at + TimeDelta::minutes(5));
    let drafting = Authorized::check(drafting).map_err(PastWeekError::Permission)?;
    replace_lines(&drafting, tx, snapshot, lines).await?;
    let confirming = Authorized::check(confirming).map_err(PastWeekError::Permission)?;
    confirm_order(&confirming, tx, snapshot, ConfirmOrder::default()).await?;
    Ok(())
}

/// The customer, as if logged in with nothing but the right to order.
fn customer(tenant_id: TenantId, user_id: UserId) -> Actor {
    Actor {
        kind: ActorKind::Client,
        tenant_id,
        user_id,
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: vec!["client".to_owned()],
        permissions: [OwnOrdersWrite::DEF.key].into_iter().collect(),
    }
}
