//! Orders as staff see them.

use actix_web::{get, post, web};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Path, Policy, Problem, Query};
use bk_kernel::{Code, TenantId};
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::{AccountsRead, OrdersRead, OrdersWrite};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

use super::dto::{CancelDto, CancelReasonDto, OrderDto, OrdersDto};
use crate::{
    orders::{
        CancelOrder, cancel_order::cancel_order as cancelling, list_orders as listing,
        order::CancelReason, read_order as reading,
    },
    weeks::WeekName,
};

/// Which orders to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrdersQuery {
    /// Of one week, `2026-W48`.
    #[param(pattern = "^[0-9]{4}-W[0-9]{2}$", example = "2026-W48")]
    week: Option<String>,
    /// In one state.
    #[param(inline, example = "CONFIRMED")]
    state: Option<OrderStateDto>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
}

/// A state to filter by.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum OrderStateDto {
    /// Being put together.
    Draft,
    /// Meals are taken.
    Confirmed,
    /// Past the cutoff.
    Locked,
    /// Delivered.
    Fulfilled,
    /// Cancelled.
    Cancelled,
}

/// List orders.
///
/// Newest first. Staff without `accounts.all` see orders of the accounts they manage.
#[utoipa::path(tag = "orders", params(OrdersQuery), responses((status = 200, description = "A page of orders", body = OrdersDto)))]
#[get("/admin/orders")]
pub(crate) async fn list_orders(
    who: Allowed<OrdersRead>,
    query: Query<OrdersQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrdersDto>, Problem> {
    let OrdersQuery { week, state, limit, cursor } = query.0;
    let (limit, before) = PageQuery { limit, cursor }.page()?;
    let week: Option<WeekName> = week
        .map(|week| {
            week.parse().map_err(|_| Problem::field("?week", "format", "an ISO week, 2026-W48"))
        })
        .transpose()?;
    let wished = (week, state.map(Into::into));
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            listing::list_orders(&tx, &who.caller.actor, who.permit, wished, limit, before).await
        })
        .await?
        .ok_or(Code::NotFound)?
        .map(Into::into);
    Ok(Json(OrdersDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_orders {
    const POLICY: Policy = Policy::admin::<OrdersRead>();
}

/// List the orders of an account.
///
/// Newest first.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account"), PageQuery), responses((status = 200, description = "A page of orders", body = OrdersDto)))]
#[get("/admin/accounts/{id}/orders")]
pub(crate) async fn list_account_orders(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    page: Query<PageQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrdersDto>, Problem> {
    let (limit, before) = page.0.page()?;
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            let (actor, account) = (&who.caller.actor, id.0.into());
            listing::list_account_orders(&tx, actor, who.permit, account, limit, before).await
        })
        .await?
        .ok_or(Code::NotFound)?
        .map(Into::into);
    Ok(Json(OrdersDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_account_orders {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Read an order.
#[utoipa::path(tag = "orders", params(("id" = Uuid, Path, description = "The order")), responses((status = 200, description = "The order", body = OrderDto)))]
#[get("/admin/orders/{id}")]
pub(crate) async fn get_order(
    who: Allowed<OrdersRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrderDto>, Problem> {
    let book = kitchen.book(who.caller.tenant_id()).await?;
    let view = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            reading::get_order(&tx, &who.caller.actor, who.permit, &book, id.0.into()).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json(view.into()))
}

impl Guarded for get_order {
    const POLICY: Policy = Policy::admin::<OrdersRead>();
}

/// Cancel an order.
///
/// A draft while its window is open, a confirmed order before the cutoff; meals return to the packs
/// they came from. Cancelling again answers with the cancelled order.
#[utoipa::path(tag = "orders", params(("id" = Uuid, Path, description = "The order")), responses((status = 200, description = "The cancelled order", body = OrderDto)))]
#[post("/admin/orders/{id}/cancel")]
pub(crate) async fn cancel_order(
    who: Allowed<OrdersWrite>,
    id: Path<Uuid>,
    body: Json<CancelDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<OrderDto>, Problem> {
    let tenant: TenantId = who.caller.tenant_id();
    let book = kitchen.book(tenant).await?;
    let cancel = CancelOrder {
        order_id: id.0.into(),
        reason: body.0.reason_code.into(),
        note: body.0.note,
        request_id: who.caller.ctx.request_id,
        at: who.caller.now(),
    };
    let view = kitchen
        .tenant(tenant)
        .run_retrying(move |tx| {
            let (who, book, cancel) = (who.clone(), book.clone(), cancel.clone());
            async move { cancelling(&tx, &who.caller.actor, who.permit, &book, cancel).await }
        })
        .await?;
    Ok(Json(view.into()))
}

impl Guarded for cancel_order {
    const POLICY: Policy = Policy::admin::<OrdersWrite>().writes();
}

impl From<CancelReasonDto> for CancelReason {
    fn from(dto: CancelReasonDto) -> Self {
        match dto {
            CancelReasonDto::CustomerRequest => Self::CustomerRequest,
            CancelReasonDto::StaffError => Self::StaffError,
            CancelReasonDto::AccountClosed => Self::AccountClosed,
        }
    }
}

impl From<OrderStateDto> for crate::orders::OrderState {
    fn from(dto: OrderStateDto) -> Self {
        match dto {
            OrderStateDto::Draft => Self::Draft,
            OrderStateDto::Confirmed => Self::Confirmed,
            OrderStateDto::Locked => Self::Locked,
            OrderStateDto::Fulfilled => Self::Fulfilled,
            OrderStateDto::Cancelled => Self::Cancelled,
        }
    }
}
