//! Preferences below `/admin/accounts`.

use actix_web::{get, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem};
use bk_kernel::{AccountId, Code};
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
pub struct PreferenceCounts {
    /// Number of allergens that block.
    #[schema(example = 1)]
    pub allergens: usize,
    /// Number of excluded ingredients.
    #[schema(example = 2)]
    pub exclusions: usize,
    /// Number of disliked ingredients.
    #[schema(example = 3)]
    pub dislikes: usize,
    /// Number of preferred ingredients.
    #[schema(example = 5)]
    pub likes: usize,
}

impl From<&RuleSet> for PreferenceCounts {
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

/// Get the preference counts of an account
///
/// Of its default profile. The rules themselves are the customer's.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The account")), responses(Json<PreferenceCounts>))]
#[get("/admin/accounts/{id}/preferences")]
pub(crate) async fn get_account_preferences(
    who: Allowed<AccountsRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PreferenceCounts>, Problem> {
    let rules = kitchen
        .db()
        .read(&who, (who.clone(), AccountId::from(id.0)), async |tx, (who, id)| {
            get_preferences(&who, &tx, id).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Json((&rules).into()))
}

impl Guarded for get_account_preferences {
    const POLICY: Policy = Policy::admin::<AccountsRead>();
}
