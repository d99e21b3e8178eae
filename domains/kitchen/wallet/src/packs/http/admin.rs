//! Packs of an account as staff see them.

use actix_web::{get, post, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem};
use bk_kernel::Code;
use bk_kitchen_core::{
    KitchenState,
    permissions::{AccountsRead, AccountsWrite},
};
use uuid::Uuid;

use super::dto::{AdjustPackDto, PackDto, PacksDto};
use crate::packs::{AdjustPack, account_packs, adjust_pack};

/// List the packs of an account.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses((status = 200, description = "The packs", body = PacksDto)))]
#[get("/admin/accounts/{id}/packs")]
pub(crate) async fn list_account_packs(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PacksDto>, Problem> {
    let packs = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            account_packs(&tx, &who.caller.actor, who.permit, id.0.into()).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    let items = packs.into_iter().map(Into::into).collect();
    Ok(Json(PacksDto { items, next_cursor: None }))
}

impl Guarded for list_account_packs {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Correct a pack.
///
/// Adds or takes meals, with a reason, as an append-only event.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account"), ("pack_id" = Uuid, Path, description = "The pack")), responses((status = 200, description = "The pack after it", body = PackDto)))]
#[post("/admin/accounts/{id}/packs/{pack_id}/adjust")]
pub(crate) async fn adjust_account_pack(
    who: Allowed<AccountsWrite>,
    path: Path<(Uuid, Uuid)>,
    body: Json<AdjustPackDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PackDto>, Problem> {
    let (account_id, pack_id) = path.0;
    let adjust = AdjustPack {
        account_id: account_id.into(),
        pack_id: pack_id.into(),
        delta: body.0.delta,
        reason: body.0.reason,
        request_id: who.caller.ctx.request_id,
        at: who.caller.now(),
    };
    let adjusted = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move { adjust_pack(&tx, &who.caller.actor, who.permit, adjust).await })
        .await?;
    Ok(Json(adjusted.into()))
}

impl Guarded for adjust_account_pack {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().writes();
}
