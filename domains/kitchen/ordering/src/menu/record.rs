//! What changing and publishing a menu have in common.

use bk_audit::AuditEntry;
use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::menu::Menu;
use crate::weeks::{OrderWeek, WeekName, WindowState};

/// Whether the menu of the week stays as it is: it is locked, or its cutoff has come.
pub(super) fn is_locked(ctx: &OperationContext, week: &OrderWeek) -> bool {
    week.locked_at.is_some() || week.times.state_at(ctx.at()) == WindowState::Locked
}

/// Records a change of a menu in the audit log.
pub(super) async fn record(
    ctx: &OperationContext,
    tx: &TenantTx,
    action: &'static str,
    menu: &Menu,
    week: WeekName,
) -> Result<(), DbError> {
    let details = json!({
        "week": week.to_string(),
        "state": menu.state.as_str(),
        "dishes": menu.dishes.len(),
    });
    bk_audit::append(tx, AuditEntry::of(ctx, action, "menu", menu.id).details(details)).await
}
