//! Plain rows in bulk: one statement per table. The demo fills tables of every crate of the kitchen,
//! so it writes them by name and has no entities of its own.

use bk_persistence::store::{
    sea_query::{Alias, SelectStatement},
    *,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// Rows of a table; all of them name the same columns.
pub(super) type Rows = Vec<Map<String, Json>>;

/// One row, from `json!({ … })`.
pub(super) fn row(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(columns) => columns,
        _ => Map::new(),
    }
}

/// Inserts the rows that are not there yet. Table and columns are named by this crate's code, never
/// by data; the server reads the values of every row as the columns' types.
pub(super) async fn insert(
    tx: &TenantTx,
    table: &'static str,
    mut rows: Rows,
) -> Result<(), DbError> {
    const TENANT_ID: &str = "tenant_id";
    let Some(first) = rows.first() else { return Ok(()) };
    let mut columns: Vec<Alias> = first.keys().map(Alias::new).collect();
    columns.push(Alias::new(TENANT_ID));
    for row in &mut rows {
        row.insert(TENANT_ID.to_owned(), Json::String(tx.tenant_id().uuid().to_string()));
    }
    let rows = Json::Array(rows.into_iter().map(Json::Object).collect());
    let select = select_rows(table, &columns, rows);
    let mut insert = Query::insert();
    insert.into_table(Alias::new(table)).columns(columns);
    insert.select_from(select).map_err(|_| DbError::other("a row of the demo has no columns"))?;
    insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    tx.execute(&insert).await?;
    Ok(())
}

/// Selects rows that a JSON array holds, with the types that the columns of the table have.
fn select_rows(table: &'static str, columns: &[Alias], rows: Json) -> SelectStatement {
    let row_type = Expr::Constant(None::<String>.into()).cast_as(Alias::new(table));
    let records = Func::cust(Alias::new("jsonb_populate_recordset")).arg(row_type).arg(rows);
    let mut select = Query::select();
    select.columns(columns.iter().cloned()).from_function(records, Alias::new("records"));
    select
}

/// Whether the account is there: the demo is seeded whole or not at all.
pub(super) async fn is_seeded(tx: &TenantTx, first_account: Uuid) -> Result<bool, DbError> {
    tenant_sql(tx, "SELECT FROM kitchen_accounts WHERE tenant_id = $1 AND id = $2")
        .bind(first_account)
        .exists(tx)
        .await
}

/// A week that is to have a menu and has none.
#[derive(Debug, FromQueryResult)]
pub(super) struct WeekWithoutMenu {
    pub(super) id: Uuid,
    /// Its name, `2026-W48`.
    pub(super) week: String,
}

/// Returns those of the named weeks that have no menu, in calendar order.
pub(super) async fn weeks_without_menu(
    tx: &TenantTx,
    names: Vec<String>,
) -> Result<Vec<WeekWithoutMenu>, DbError> {
    let statement = tenant_sql(
        tx,
        "SELECT w.id, w.week FROM kitchen_order_weeks w
          WHERE w.tenant_id = $1 AND w.week = ANY($2)
            AND NOT EXISTS (SELECT FROM kitchen_menu_weeks m
                             WHERE m.tenant_id = w.tenant_id AND m.week_id = w.id)
          ORDER BY w.week",
    );
    statement.bind(names).all(tx).await
}

/// Returns the name of the first week that has a menu, if any has.
pub(super) async fn first_week_with_menu(tx: &TenantTx) -> Result<Option<String>, DbError> {
    let statement = tenant_sql(
        tx,
        "SELECT min(w.week) FROM kitchen_menu_weeks m
           JOIN kitchen_order_weeks w ON w.tenant_id = m.tenant_id AND w.id = m.week_id
          WHERE m.tenant_id = $1",
    );
    statement.value(tx).await
}
