//! Preferences below `/admin/accounts`.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem};
use bk_kernel::Code;
use bk_kitchen_core::{KitchenState, permissions::AccountsRead};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    accounts::read_accounts::get_preferences,
    preferences::{RuleKind, RuleSet},
};

/// How many rules an account has. What they say stays with the customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferenceCountsDto {
    /// Allergens to keep from.
    #[schema(example = 1)]
    pub allergens: usize,
    /// Ingredients to keep from.
    #[schema(example = 2)]
    pub exclusions: usize,
    /// Ingredients to warn about.
    #[schema(example = 3)]
    pub dislikes: usize,
    /// Ingredients to prefer.
    #[schema(example = 5)]
    pub likes: usize,
}

impl From<&RuleSet> for PreferenceCountsDto {
    fn from(rules: &RuleSet) -> Self {
        let of = |kind| rules.iter().filter(|rule| rule.kind() == kind).count();
        Self {
            allergens: of(RuleKind::Allergen),
            exclusions: of(RuleKind::Exclusion),
            dislikes: of(RuleKind::Dislike),
            likes: of(RuleKind::Like),
        }
    }
}

/// Count the preference rules of an account.
///
/// Of its default profile. The rules themselves are the customer's.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses((status = 200, description = "The counts", body = PreferenceCountsDto)))]
#[get("/admin/accounts/{id}/preferences")]
pub(crate) async fn get_account_preferences(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PreferenceCountsDto>, Problem> {
    let rules = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            get_preferences(&tx, &who.caller.actor, who.permit, id.0.into()).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json((&rules).into()))
}

impl Guarded for get_account_preferences {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}
