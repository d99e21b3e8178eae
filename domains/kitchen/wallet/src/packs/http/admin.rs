//! Packs of an account as staff see them.

use actix_web::{get, post, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem};
use bk_kernel::{Code, PackId};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_core::{
    KitchenState,
    permissions::{AccountsRead, AccountsWrite},
};
use uuid::Uuid;

use super::dto::{AdjustPackDto, PackDto, PacksDto};
use crate::packs::{self, Cause};

/// List the packs of an account.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses((status = 200, description = "The packs", body = PacksDto)))]
#[get("/admin/accounts/{id}/packs")]
pub(crate) async fn list_account_packs(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PacksDto>, Problem> {
    let scope = AccountScope::of(&who.caller.actor);
    let packs = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            let account = accounts::account_by_id(&tx, id.0.into(), scope).await?;
            let account = account.ok_or(Code::NotFound)?;
            Ok::<_, Problem>(packs::packs_of(&tx, account.id).await?)
        })
        .await?;
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
    let pack_id = PackId::from(pack_id);
    let scope = AccountScope::of(&who.caller.actor);
    let cause = Cause {
        order_id: None,
        actor_id: Some(who.caller.actor.user_id),
        reason: Some(body.0.reason),
        request_id: Some(who.caller.ctx.request_id),
        at: who.caller.now(),
    };
    let (title, pack) = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            let account = accounts::lock_account(&tx, account_id.into()).await?;
            let account = account.filter(|account| scope.admits(account)).ok_or(Code::NotFound)?;
            let pack =
                packs::adjust(&tx, who.permit, account.id, pack_id, body.0.delta, &cause).await?;
            let titled = packs::packs_of(&tx, account.id).await?;
            let title = titled.into_iter().find(|titled| titled.pack.id == pack_id);
            Ok::<_, Problem>((title.map(|titled| titled.title).unwrap_or_default(), pack))
        })
        .await?;
    Ok(Json(AdjustPackDto::answer(title, pack)))
}

impl Guarded for adjust_account_pack {
    const POLICY: Policy = Policy::admin::<AccountsWrite>().writes();
}
