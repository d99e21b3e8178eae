//! Packs of an account as staff see them.

use actix_web::{get, post, web};
use bk_guard::{Allowed, Guarded, Json, Page, Path, Policy, Problem, ShortListQuery};
use bk_kernel::{AccountId, Code};
use bk_kitchen_core::{
    KitchenState,
    permissions::{AccountsRead, AccountsWrite},
};
use uuid::Uuid;

use super::forms::{Pack, PackAdjustment};
use crate::packs::{self, AdjustPack};

/// List the packs of an account
///
/// Oldest purchase first, which is the order in which meals leave them.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account"), ShortListQuery), responses(Page<Pack>))]
#[get("/admin/accounts/{id}/packs")]
pub(crate) async fn list_account_packs(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    query: ShortListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<Pack>, Problem> {
    let input = (who.clone(), AccountId::from(id.0), query.page());
    let page = kitchen
        .db()
        .read(&who, input, async |tx, (who, id, page)| {
            packs::account_packs(&who, &tx, id, page).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(page.map(Pack::from).into())
}

impl Guarded for list_account_packs {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}

/// Adjust a pack of an account
///
/// Adds or takes meals, with a reason, as an append-only event.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account"), ("pack_id" = Uuid, Path, description = "The pack")), request_body = PackAdjustment, responses(Json<Pack>))]
#[post("/admin/accounts/{id}/packs/{pack_id}/adjust")]
pub(crate) async fn adjust_account_pack(
    who: Allowed<AccountsWrite>,
    path: Path<(Uuid, Uuid)>,
    body: Json<PackAdjustment>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<Pack>, Problem> {
    let (account_id, pack_id) = path.0;
    let adjust = AdjustPack {
        account_id: account_id.into(),
        pack_id: pack_id.into(),
        delta: body.0.delta,
        reason: body.0.reason,
    };
    let adjusted = kitchen
        .db()
        .transaction(&who, (who.clone(), adjust), async |tx, (who, adjust)| {
            packs::adjust_pack(&who, &tx, adjust).await
        })
        .await?;
    Ok(Json(adjusted.into()))
}

impl Guarded for adjust_account_pack {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().writes();
}
