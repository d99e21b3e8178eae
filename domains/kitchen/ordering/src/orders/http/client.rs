//! A customer's own orders.

use actix_web::{get, post, put, web};
use bk_guard::{Allowed, Guarded, Json, ListQuery, Page, Path, Policy, Problem, RequestContext};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::{OwnOrdersRead, OwnOrdersWrite};
use uuid::Uuid;

use super::forms::{Order, OrderConfirmation, OrderForm, OrderSummary};
use crate::orders::{self, ConfirmOrder};

/// Get the order of the current week
///
/// `NOT_FOUND` when there is none. A draft shows warnings and a preview of the allocation.
#[utoipa::path(tag = "orders", responses(Json<Order>))]
#[get("/client/orders/current")]
pub(crate) async fn get_current_order(
    who: Allowed<OwnOrdersRead>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<Order>, Problem> {
    let snapshot = catalogue.snapshot(who.tenant_id()).await?;
    let view = catalogue
        .db()
        .read(&who, (who.clone(), snapshot), async |tx, (who, snapshot)| {
            orders::get_current_order(&who, &tx, &snapshot).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json(view.into()))
}

impl Guarded for get_current_order {
    const POLICY: Policy = Policy::client::<OwnOrdersRead>();
}

/// Update the order of the current week
///
/// Replaces all lines; begins the draft when there is none. Only while the window is open.
#[utoipa::path(tag = "orders", request_body = OrderForm, responses(Json<Order>))]
#[put("/client/orders/current/lines")]
pub(crate) async fn update_current_order(
    who: Allowed<OwnOrdersWrite>,
    body: Json<OrderForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<Order>, Problem> {
    let lines = body.0.into_lines()?;
    let snapshot = catalogue.snapshot(who.tenant_id()).await?;
    let view = catalogue
        .db()
        .transaction(&who, (who.clone(), snapshot, lines), async |tx, (who, snapshot, lines)| {
            orders::replace_lines(&who, &tx, &snapshot, lines).await
        })
        .await?;
    Ok(Json(view.into()))
}

impl Guarded for update_current_order {
    const POLICY: Policy = Policy::client::<OwnOrdersWrite>().writes();
}

/// Confirm the order of the current week
///
/// One transaction checks the window, the account, the menu, preferences and packs, and consumes the
/// meals. Confirming again answers with the confirmed order and consumes nothing.
#[utoipa::path(tag = "orders", request_body = OrderConfirmation, responses(Json<Order>))]
#[post("/client/orders/current/confirm")]
pub(crate) async fn confirm_order(
    who: Allowed<OwnOrdersWrite>,
    request: RequestContext,
    _body: Json<OrderConfirmation>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<Order>, Problem> {
    let command = ConfirmOrder { key: request.idempotency_key };
    let input = (who.clone(), catalogue.as_ref().clone(), command);
    let view = catalogue
        .db()
        .transaction(&who, input, async |tx, (who, catalogue, command)| {
            // Safety is immediate: the catalogue as this transaction sees it, not as it was cached.
            let snapshot = catalogue.snapshot_in(&tx).await?;
            orders::confirm_order(&who, &tx, &snapshot, command).await
        })
        .await?;
    Ok(Json(view.into()))
}

impl Guarded for confirm_order {
    const POLICY: Policy = Policy::client::<OwnOrdersWrite>().writes();
}

/// List own orders
///
/// Newest first.
#[utoipa::path(tag = "orders", params(ListQuery), responses(Page<OrderSummary>))]
#[get("/client/orders")]
pub(crate) async fn list_own_orders(
    who: Allowed<OwnOrdersRead>,
    query: ListQuery,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<OrderSummary>, Problem> {
    let orders = catalogue
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            orders::list_own_orders(&who, &tx, page).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(orders.map(OrderSummary::from).into())
}

impl Guarded for list_own_orders {
    const POLICY: Policy = Policy::client::<OwnOrdersRead>();
}

/// Get one of the own orders
#[utoipa::path(tag = "orders", responses(Json<Order>))]
#[get("/client/orders/{id}")]
pub(crate) async fn get_own_order(
    who: Allowed<OwnOrdersRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Json<Order>, Problem> {
    let snapshot = catalogue.snapshot(who.tenant_id()).await?;
    let view = catalogue
        .db()
        .read(&who, (who.clone(), snapshot, id.0.into()), async |tx, (who, snapshot, id)| {
            orders::get_own_order(&who, &tx, &snapshot, id).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json(view.into()))
}

impl Guarded for get_own_order {
    const POLICY: Policy = Policy::client::<OwnOrdersRead>();
}
