//! Plain rows in bulk: one statement per table.

use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Rows of a table; all of them name the same columns.
pub(super) type Rows = Vec<Map<String, Value>>;

/// One row, from `json!({ … })`.
pub(super) fn row(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(columns) => columns,
        _ => Map::new(),
    }
}

/// Inserts the rows that are not there yet. Table and columns are named by this crate's code, never
/// by data.
pub(super) async fn insert(
    tx: &TenantTx,
    table: &'static str,
    mut rows: Rows,
) -> Result<(), DbError> {
    let Some(first) = rows.first() else { return Ok(()) };
    let mut columns: Vec<String> = first.keys().cloned().collect();
    columns.push("tenant_id".to_owned());
    let columns = columns.join(", ");
    for row in &mut rows {
        row.insert("tenant_id".to_owned(), Value::String(tx.tenant_id().uuid().to_string()));
    }
    let rows = Value::Array(rows.into_iter().map(Value::Object).collect());
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        format!(
            "INSERT INTO {table} ({columns})
             SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1)
             ON CONFLICT DO NOTHING"
        ),
        [rows.into()],
    ))
    .await?;
    Ok(())
}

/// Whether the account is there: the demo is laid whole or not at all.
pub(super) async fn is_laid(tx: &TenantTx, first_account: Uuid) -> Result<bool, DbError> {
    let row = tx
        .query_one_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT FROM kitchen_accounts WHERE tenant_id = $1 AND id = $2",
            [tx.tenant_id().uuid().into(), first_account.into()],
        ))
        .await?;
    Ok(row.is_some())
}

/// The weeks that are to have a menu and have none, with the name of the first week that has one.
pub(super) struct MenuGaps {
    /// Ids and names, in calendar order.
    pub(super) missing: Vec<(Uuid, String)>,
    /// The first week of the rotation.
    pub(super) first: Option<String>,
}

/// The gaps among these weeks.
pub(super) async fn menu_gaps(tx: &TenantTx, weeks: Vec<String>) -> Result<MenuGaps, DbError> {
    let tenant = tx.tenant_id().uuid();
    let statement = |sql: &str, values: Vec<bk_persistence::sea_orm::Value>| {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
    };
    let rows = tx
        .query_all_raw(statement(
            "SELECT w.id, w.week FROM kitchen_order_weeks w
              WHERE w.tenant_id = $1 AND w.week = ANY($2)
                AND NOT EXISTS (SELECT FROM kitchen_menu_weeks m
                                 WHERE m.tenant_id = w.tenant_id AND m.week_id = w.id)
              ORDER BY w.week",
            vec![tenant.into(), weeks.into()],
        ))
        .await?;
    let missing = rows
        .iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "week")?)))
        .collect::<Result<_, DbError>>()?;
    let first = tx
        .query_one_raw(statement(
            "SELECT min(w.week) AS week FROM kitchen_menu_weeks m
               JOIN kitchen_order_weeks w ON w.tenant_id = m.tenant_id AND w.id = m.week_id
              WHERE m.tenant_id = $1",
            vec![tenant.into()],
        ))
        .await?;
    let first = first.map(|row| row.try_get("", "week")).transpose()?.flatten();
    Ok(MenuGaps { missing, first })
}
