//! Keyset pages of entities.

use bk_kernel::{Cursor, Limit, Page};
use sea_orm::{
    ColumnTrait, EntityTrait, ModelTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
    Value,
};
use uuid::Uuid;

use crate::{DbError, TenantTx};

/// Reads one page of `select`, ordered by `column`, which holds a unique UUID: the `limit` rows that
/// follow `after` in that order. Each row becomes a `T`; one that cannot fails the whole page.
///
/// ```
/// # use bk_kernel::{Cursor, Limit, Page};
/// # use bk_persistence::store::*;
/// # async fn list<E: IdEntity>(tx: &TenantTx, limit: Limit, after: Option<Cursor>) -> Result<Page<E::Model>, DbError>
/// # where E::Model: Sync {
/// page_by_key(tx, in_tenant::<E>(tx), E::ID, Order::Asc, limit, after).await
/// # }
/// ```
pub async fn page_by_key<E, T>(
    tx: &TenantTx,
    select: Select<E>,
    column: E::Column,
    order: Order,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<T>, DbError>
where
    E: EntityTrait,
    T: TryFrom<E::Model>,
    DbError: From<T::Error>,
{
    let mut select = select;
    if let Some(Cursor(last)) = after {
        let follows = match order {
            Order::Desc => column.lt(last),
            _ => column.gt(last),
        };
        select = select.filter(follows);
    }
    // One more than a page holds tells whether more follow.
    let rows = select.order_by(column, order).limit(limit.rows() + 1).all(tx).await?;
    let page = Page::from_overfetch(rows, limit, |row| key(&row.get(column)));
    let items = page.items.into_iter().map(T::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// The key of a row; nil for a column that holds no UUID, which no page is ordered by.
fn key(value: &Value) -> Uuid {
    match value {
        Value::Uuid(Some(key)) => *key,
        _ => Uuid::nil(),
    }
}
