//! Reading the log, newest first.

use bk_kernel::{Limit, UserId};
use bk_persistence::store::*;

use crate::{
    entity::{Column, Entity},
    row::Recorded,
};

/// Which entries to read; all when nothing is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this action only.
    pub action: Option<String>,
    /// Of this person only.
    pub actor: Option<UserId>,
}

/// Entries with a `seq` below `before` (all when none), newest first; one more than `limit`, so the
/// caller knows whether more follow.
pub async fn page(
    tx: &TenantTx,
    filter: &Filter,
    before: Option<i64>,
    limit: Limit,
) -> Result<Vec<Recorded>, DbError> {
    let rows = in_tenant::<Entity>(tx)
        .apply_if(before, |query, seq| query.filter(Column::Seq.lt(seq)))
        .apply_if(filter.action.as_deref(), |query, action| query.filter(Column::Action.eq(action)))
        .apply_if(filter.actor, |query, actor| query.filter(Column::ActorId.eq(actor.uuid())))
        .order_by_desc(Column::Seq)
        .limit(limit.rows() + 1)
        .all(tx)
        .await?;
    rows.into_iter().map(Recorded::from_row).collect()
}
