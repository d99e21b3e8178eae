//! Reading purchases and entries.

use bk_kernel::{Cursor, Limit, Money, PurchaseId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use uuid::Uuid;

use super::transaction::{Entry, Filter};
use crate::{
    entity::purchase::{Column, Entity},
    purchase::{Purchase, PurchaseState},
};

/// Purchases, newest first: a page and one more.
pub(super) async fn purchases(
    tx: &TenantTx,
    filter: Filter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Vec<Purchase>, DbError> {
    let mut query = Entity::find().filter(Column::TenantId.eq(tx.tenant_id().uuid()));
    if let Some(state) = filter.state {
        query = query.filter(Column::State.eq(PurchaseState::as_str(state)));
    }
    if let Some(account) = filter.account {
        query = query.filter(Column::AccountId.eq(account.uuid()));
    }
    if let Some(cursor) = cursor {
        query = query.filter(Column::Id.lt(cursor.0));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    rows.into_iter().map(Purchase::try_from).collect()
}

/// One purchase.
pub(super) async fn purchase(tx: &TenantTx, id: PurchaseId) -> Result<Option<Purchase>, DbError> {
    let query = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Id.eq(id.uuid()));
    query.one(tx).await?.map(Purchase::try_from).transpose()
}

/// The entries of a purchase, in the order of posting.
pub(super) async fn entries(tx: &TenantTx, id: PurchaseId) -> Result<Vec<Entry>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT id, kind, stripe_object, amount_minor, currency, livemode, at FROM billing_ledger
         WHERE tenant_id = $1 AND purchase_id = $2 ORDER BY id",
        [tx.tenant_id().uuid().into(), id.uuid().into()],
    );
    let rows = EntryRow::find_by_statement(statement).all(tx).await?;
    rows.into_iter().map(Entry::try_from).collect()
}

#[derive(FromQueryResult)]
struct EntryRow {
    id: Uuid,
    kind: String,
    stripe_object: String,
    amount_minor: i64,
    currency: String,
    livemode: bool,
    at: DateTime<Utc>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = DbError;

    fn try_from(row: EntryRow) -> Result<Self, DbError> {
        let unknown = || DbError::other("a ledger entry holds a value this version does not know");
        let currency = row.currency.parse().map_err(|_| unknown())?;
        Ok(Self {
            id: row.id,
            kind: row.kind.parse().map_err(|_| unknown())?,
            stripe_object: row.stripe_object,
            amount: Money::new(row.amount_minor, currency),
            livemode: row.livemode,
            at: row.at,
        })
    }
}
