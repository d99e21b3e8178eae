//! Orders as staff see them.

use actix_web::{get, post, web};
use bk_guard::{Allowed, Guarded, Json, ListQuery, Page, Path, Policy, Problem};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::{AccountsRead, OrdersRead, OrdersWrite};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

use super::forms::{Order, OrderCancellation, OrderStateWord, OrderSummary};
use crate::{
    orders::{self, CancelOrder, ListOrders},
    weeks::WeekName,
};

/// Which orders to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderFilter {
    /// Orders for one week, `2026-W48`.
    #[param(pattern = "^[0-9]{4}-W[0-9]{2}$", example = "2026-W48")]
    week: Option<String>,
    /// Orders in one state.
    #[param(inline)]
    state: Option<OrderStateWord>,
}

impl OrderFilter {
    fn into_command(self) -> Result<ListOrders, Problem> {
        let week = self.week.map(|week| {
            let parsed: Result<WeekName, _> = week.parse();
            parsed.map_err(|_| Problem::field("?week", "format", "an ISO week, 2026-W48"))
        });
        Ok(ListOrders { week: week.transpose()?, state: self.state.map(|word| word.0) })
    }
}

/// List orders
///
/// Newest first. Staff without `accounts.all` see orders of the accounts they manage.
#[utoipa::path(tag = "orders", params(ListQuery<OrderFilter>), responses(Page<OrderSummary>))]
#[get("/admin/orders")]
pub(crate) async fn list_orders(
    who: Allowed<OrdersRead>,
    query: ListQuery<OrderFilter>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<OrderSummary>, Problem> {
    let page = query.page();
    let input = (who.clone(), query.filter.into_command()?, page);
    let orders = catalogue
        .db()
        .read(&who, input, async |tx, (who, command, page)| {
            orders::list_orders(&who, &tx, command, page).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(orders.map(OrderSummary::from).into())
}

impl Guarded for list_orders {
    const POLICY: Policy = Policy::admin::<OrdersRead>();
}

/// List the orders of an account
///
/// Newest first.
#[utoipa::path(tag = "accounts", params(ListQuery), responses(Page<OrderSummary>))]
#[get("/admin/accounts/{id}/orders")]
pub(crate) async fn list_account_orders(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    query: ListQuery,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<OrderSummary>, Problem> {
    let orders = catalogue
        .db()
        .read(&who, (who.clone(), id.0.into(), query.page()), async |tx, (who, account, page)| {
            orders::list_account_orders(&who, &tx, account, page).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(orders.map(OrderSummary::from).into())
}

impl Guarded for list_account_orders {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Get an order
#[utoipa::path(tag = "orders", responses(Json<Order>))]
#[get("/admin/orders/{id}")]
pub(crate) async fn get_order(
    who: Allowed<OrdersRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<Order>, Problem> {
    let snapshot = catalogue.snapshot(who.tenant_id()).await?;
    let view = catalogue
        .db()
        .read(&who, (who.clone(), snapshot, id.0.into()), async |tx, (who, snapshot, id)| {
            orders::get_order(&who, &tx, &snapshot, id).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json(view.into()))
}

impl Guarded for get_order {
    const POLICY: Policy = Policy::admin::<OrdersRead>();
}

/// Cancel an order
///
/// A draft while its window is open, a confirmed order before the cutoff; meals return to the packs
/// they came from. Cancelling again answers with the cancelled order.
#[utoipa::path(tag = "orders", request_body = OrderCancellation, responses(Json<Order>))]
#[post("/admin/orders/{id}/cancel")]
pub(crate) async fn cancel_order(
    who: Allowed<OrdersWrite>,
    id: Path<Uuid>,
    body: Json<OrderCancellation>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<Order>, Problem> {
    let snapshot = catalogue.snapshot(who.tenant_id()).await?;
    let OrderCancellation { reason_code, note } = body.0;
    let command = CancelOrder { order_id: id.0.into(), reason: reason_code.0, note };
    let view = catalogue
        .db()
        .transaction(
            &who,
            (who.clone(), snapshot, command),
            async |tx, (who, snapshot, command)| {
                orders::cancel_order(&who, &tx, &snapshot, command).await
            },
        )
        .await?;
    Ok(Json(view.into()))
}

impl Guarded for cancel_order {
    const POLICY: Policy = Policy::admin::<OrdersWrite>().writes();
}
