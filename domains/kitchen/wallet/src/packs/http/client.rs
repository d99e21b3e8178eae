//! A customer's own packs, and what they can buy.

use actix_web::{HttpResponse, get, post, web};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Path, Policy, Problem, Query};
use bk_kernel::Code;
use bk_kitchen_core::{
    KitchenState,
    permissions::{OwnPacksBuy, OwnPacksRead},
};
use uuid::Uuid;

use super::dto::{
    OfferedPacksDto, OfferedPlansDto, PacksDto, StartCheckoutDto, StartedCheckoutDto,
};
use crate::{
    packs::{BuyPack, buy_pack, own_packs},
    products,
};

/// List own packs.
///
/// Oldest purchase first, which is the order in which meals leave them.
#[utoipa::path(tag = "packs", responses((status = 200, description = "The packs", body = PacksDto)))]
#[get("/client/packs")]
pub(crate) async fn list_own_packs(
    who: Allowed<OwnPacksRead>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PacksDto>, Problem> {
    let packs = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { own_packs(&tx, &who.caller.actor, who.permit).await })
        .await?
        .ok_or(Code::NotFound)?;
    let items = packs.into_iter().map(Into::into).collect();
    Ok(Json(PacksDto { items, next_cursor: None }))
}

impl Guarded for list_own_packs {
    const POLICY: Policy = Policy::client::<OwnPacksRead>();
}

/// List packs on offer.
#[utoipa::path(tag = "packs", params(PageQuery), responses((status = 200, description = "The packs on offer", body = OfferedPacksDto)))]
#[get("/client/pack-products")]
pub(crate) async fn list_offered_pack_products(
    who: Allowed<OwnPacksRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<OfferedPacksDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            products::pack_products_on_offer(&tx, who.permit, limit, after).await
        })
        .await?
        .map(Into::into);
    Ok(Json(OfferedPacksDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_offered_pack_products {
    const POLICY: Policy = Policy::client::<OwnPacksRead>();
}

/// List plans on offer.
#[utoipa::path(tag = "packs", params(PageQuery), responses((status = 200, description = "The plans on offer", body = OfferedPlansDto)))]
#[get("/client/plans")]
pub(crate) async fn list_offered_plans(
    who: Allowed<OwnPacksRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<OfferedPlansDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(
            move |tx| async move { products::plans_on_offer(&tx, who.permit, limit, after).await },
        )
        .await?
        .map(Into::into);
    Ok(Json(OfferedPlansDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_offered_plans {
    const POLICY: Policy = Policy::client::<OwnPacksRead>();
}

/// Buy a pack.
///
/// Opens a payment page. The pack is there once the payment is verified, however often it is told.
#[utoipa::path(tag = "packs", params(("product_id" = Uuid, Path, description = "The pack product")), responses((status = 201, description = "The payment page", body = StartedCheckoutDto)))]
#[post("/client/packs/{product_id}/checkout")]
pub(crate) async fn start_pack_checkout(
    who: Allowed<OwnPacksBuy>,
    product_id: Path<Uuid>,
    body: Json<StartCheckoutDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<HttpResponse, Problem> {
    let deps = kitchen.deps();
    let tenant = who.caller.tenant_id();
    let settings = deps.tenants.settings(tenant).await?.ok_or(Code::NotFound)?;
    let buy = BuyPack {
        product_id: product_id.0.into(),
        success_url: body.0.success_url,
        cancel_url: body.0.cancel_url,
        request_key: who.caller.ctx.idempotency_key.clone(),
        request_id: who.caller.ctx.request_id,
    };
    let started = buy_pack(
        &kitchen.tenant(tenant),
        (deps.users.clone(), &*deps.checkout),
        &settings,
        &deps.return_origins,
        who.caller.actor.as_ref().clone(),
        who.permit,
        buy,
    )
    .await?;
    Ok(HttpResponse::Created().json(StartedCheckoutDto {
        purchase_id: started.purchase_id.uuid(),
        checkout_url: started.checkout_url,
    }))
}

impl Guarded for start_pack_checkout {
    const POLICY: Policy = Policy::client::<OwnPacksBuy>().writes();
}
