//! A customer's own packs, and what they can buy.

use actix_web::{get, post, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, Json, ListQuery, Page, Path, Policy, Problem, RequestContext,
    ShortListQuery,
};
use bk_kernel::Code;
use bk_kitchen_core::{
    KitchenState,
    permissions::{OwnPacksBuy, OwnPacksRead},
};
use uuid::Uuid;

use super::forms::{CheckoutForm, Pack, PackForSale, PlanForSale, StartedCheckout};
use crate::{
    packs::{self, BuyPack},
    products,
};

/// List own packs
///
/// Oldest purchase first, which is the order in which meals leave them.
#[utoipa::path(tag = "packs", params(ShortListQuery), responses(Page<Pack>))]
#[get("/client/packs")]
pub(crate) async fn list_own_packs(
    who: Allowed<OwnPacksRead>,
    query: ShortListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<Pack>, Problem> {
    let page = kitchen
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            packs::own_packs(&who, &tx, page).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(page.map(Pack::from).into())
}

impl Guarded for list_own_packs {
    const POLICY: Policy = Policy::client::<OwnPacksRead>();
}

/// List pack products for sale
#[utoipa::path(tag = "packs", params(ListQuery), responses(Page<PackForSale>))]
#[get("/client/pack-products")]
pub(crate) async fn list_pack_products_for_sale(
    who: Allowed<OwnPacksRead>,
    query: ListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<PackForSale>, Problem> {
    let page = kitchen
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            products::pack_products_for_sale(&who, &tx, page).await
        })
        .await?;
    Ok(page.map(PackForSale::from).into())
}

impl Guarded for list_pack_products_for_sale {
    const POLICY: Policy = Policy::client::<OwnPacksRead>();
}

/// List plans for sale
#[utoipa::path(tag = "packs", params(ListQuery), responses(Page<PlanForSale>))]
#[get("/client/plans")]
pub(crate) async fn list_plans_for_sale(
    who: Allowed<OwnPacksRead>,
    query: ListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<PlanForSale>, Problem> {
    let page = kitchen
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            products::plans_for_sale(&who, &tx, page).await
        })
        .await?;
    Ok(page.map(PlanForSale::from).into())
}

impl Guarded for list_plans_for_sale {
    const POLICY: Policy = Policy::client::<OwnPacksRead>();
}

/// Buy a pack
///
/// Opens a payment page. The pack is there once the payment is verified, however often it is
/// reported. `Location` is the payment in the list of transactions.
#[utoipa::path(tag = "packs", params(("product_id" = Uuid, Path, description = "The pack product")), request_body = CheckoutForm, responses(Created<StartedCheckout>))]
#[post("/client/packs/{product_id}/checkout")]
pub(crate) async fn buy_pack(
    who: Allowed<OwnPacksBuy>,
    request: RequestContext,
    product_id: Path<Uuid>,
    body: Json<CheckoutForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Created<StartedCheckout>, Problem> {
    let buy = BuyPack {
        product_id: product_id.0.into(),
        success_url: body.0.success_url,
        cancel_url: body.0.cancel_url,
        request_key: request.idempotency_key,
    };
    let started = packs::buy_pack(&who, &kitchen, buy).await?;
    let path = format!("/client/billing/transactions/{}", started.purchase_id);
    let body = StartedCheckout {
        purchase_id: started.purchase_id.uuid(),
        checkout_url: started.checkout_url,
    };
    Ok(Created::at(path, ETag(1), body))
}

impl Guarded for buy_pack {
    const POLICY: Policy = Policy::client::<OwnPacksBuy>().writes();
}
