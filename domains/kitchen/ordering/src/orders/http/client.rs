//! A customer's own orders.

use actix_web::{get, post, put, web};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Path, Policy, Problem, Query};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::{OwnOrdersRead, OwnOrdersWrite};
use uuid::Uuid;

use super::dto::{ConfirmDto, LineDto, OrderDto, OrdersDto, ReplaceLinesDto};
use crate::orders::{
    ConfirmOrder, LineRequest, OrderLines, confirm_order, list_own_orders as listing,
    own_current_order, own_order, replace_lines,
};

/// The order of the current week.
///
/// `NOT_FOUND` when there is none. A draft shows warnings and a preview of the allocation.
#[utoipa::path(tag = "orders", responses((status = 200, description = "The order", body = OrderDto)))]
#[get("/client/orders/current")]
pub(crate) async fn get_current_order(
    who: Allowed<OwnOrdersRead>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrderDto>, Problem> {
    let book = kitchen.book(who.caller.tenant_id()).await?;
    let view = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            own_current_order(&tx, &who.caller.actor, who.permit, &book, who.caller.now()).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json(view.into()))
}

impl Guarded for get_current_order {
    const POLICY: Policy = Policy::client::<OwnOrdersRead>();
}

/// Draft the order of the current week.
///
/// Replaces all lines; begins the draft when there is none. Only while the window is open.
#[utoipa::path(tag = "orders", responses((status = 200, description = "The draft", body = OrderDto)))]
#[put("/client/orders/current/lines")]
pub(crate) async fn replace_current_order_lines(
    who: Allowed<OwnOrdersWrite>,
    body: Json<ReplaceLinesDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrderDto>, Problem> {
    let lines = OrderLines::new(&requests(&body.0.lines)?)?;
    let book = kitchen.book(who.caller.tenant_id()).await?;
    let view = kitchen
        .tenant(who.caller.tenant_id())
        .run_retrying(move |tx| {
            let (who, book, lines) = (who.clone(), book.clone(), lines.clone());
            async move {
                let (actor, ctx) = (&who.caller.actor, &who.caller.ctx);
                replace_lines(&tx, actor, who.permit, &book, lines, ctx.request_id, ctx.now).await
            }
        })
        .await?;
    Ok(Json(view.into()))
}

impl Guarded for replace_current_order_lines {
    const POLICY: Policy = Policy::client::<OwnOrdersWrite>().writes();
}

/// Confirm the order of the current week.
///
/// One transaction checks the window, the account, the menu, preferences and packs, and takes the
/// meals. Confirming again answers with the confirmed order and takes nothing.
#[utoipa::path(tag = "orders", responses((status = 200, description = "The confirmed order with its allocation", body = OrderDto)))]
#[post("/client/orders/current/confirm")]
pub(crate) async fn confirm_current_order(
    who: Allowed<OwnOrdersWrite>,
    _body: Json<ConfirmDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrderDto>, Problem> {
    let view = kitchen
        .tenant(who.caller.tenant_id())
        .run_retrying(move |tx| {
            let (who, kitchen) = (who.clone(), kitchen.clone());
            async move {
                // Safety is immediate: the catalogue as it is now, not as it was last heard of.
                let book = kitchen.book_in(&tx).await?;
                let confirm = ConfirmOrder {
                    actor: &who.caller.actor,
                    request_id: who.caller.ctx.request_id,
                    key: who.caller.ctx.idempotency_key.as_deref(),
                    at: who.caller.now(),
                };
                confirm_order(&tx, who.permit, &book, confirm).await
            }
        })
        .await?;
    Ok(Json(view.into()))
}

impl Guarded for confirm_current_order {
    const POLICY: Policy = Policy::client::<OwnOrdersWrite>().writes();
}

/// List own orders.
#[utoipa::path(tag = "orders", params(PageQuery), responses((status = 200, description = "A page of orders, newest first", body = OrdersDto)))]
#[get("/client/orders")]
pub(crate) async fn list_own_orders(
    who: Allowed<OwnOrdersRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrdersDto>, Problem> {
    let (limit, before) = page.0.page()?;
    let page =
        kitchen
            .tenant(who.caller.tenant_id())
            .read(move |tx| async move {
                listing(&tx, &who.caller.actor, who.permit, limit, before).await
            })
            .await?
            .ok_or(Code::NotFound)?
            .map(Into::into);
    Ok(Json(OrdersDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_own_orders {
    const POLICY: Policy = Policy::client::<OwnOrdersRead>();
}

/// Read one of the own orders.
#[utoipa::path(tag = "orders", params(("id" = Uuid, Path, description = "The order")), responses((status = 200, description = "The order", body = OrderDto)))]
#[get("/client/orders/{id}")]
pub(crate) async fn get_own_order(
    who: Allowed<OwnOrdersRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrderDto>, Problem> {
    let book = kitchen.book(who.caller.tenant_id()).await?;
    let view = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            own_order(&tx, &who.caller.actor, who.permit, &book, id.0.into()).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json(view.into()))
}

impl Guarded for get_own_order {
    const POLICY: Policy = Policy::client::<OwnOrdersRead>();
}

/// The wished lines, with each size checked.
fn requests(lines: &[LineDto]) -> Result<Vec<LineRequest>, Problem> {
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let size = line.meal_size_g.try_into().map_err(|_| {
                Problem::field(format!("/lines/{index}/meal_size_g"), "choice", "300 or 400")
            })?;
            Ok(LineRequest { dish_id: line.dish_id.into(), size, quantity: line.quantity })
        })
        .collect()
}
