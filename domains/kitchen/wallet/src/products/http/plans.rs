//! `/admin/plans`.

use actix_web::{get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, Page, Path, Policy, Problem, Routes,
    Versioned,
};
use bk_kernel::{Code, PlanId};
use bk_kitchen_catalogue::keys;
use bk_kitchen_core::{
    KitchenState,
    permissions::{CatalogueRead, CatalogueWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    pack_products::Price,
    words::{AccountManagerLevelWord, BillingIntervalWord, TierWord},
};
use crate::products::{
    product::{self as model, Entitlements, PlanContent},
    read_products,
    save_product::{self, Update},
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_plans).mount(create_plan).mount(get_plan).mount(update_plan);
}

/// What a plan allows in one billing period.
#[expect(
    clippy::struct_excessive_bools,
    reason = "entitlements are flags (docs/product.md, section 3)"
)]
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanEntitlements {
    /// Whether presets can be chosen.
    #[schema(example = true)]
    preset_access: bool,
    /// Whether meals can be overridden.
    #[schema(example = true)]
    override_access: bool,
    /// How many overrides.
    #[validate(range(min = 0, max = 1000, message = "between 0 and 1000"))]
    #[schema(minimum = 0, maximum = 1000, example = 4)]
    override_allowance: i32,
    /// The tier of ingredients and sides.
    ingredient_tier: TierWord,
    /// Unlocked credits granted per paid period.
    #[validate(range(min = 0, max = 1000, message = "between 0 and 1000"))]
    #[schema(minimum = 0, maximum = 1000, example = 2)]
    promo_unlocked_credits: i32,
    /// What the account manager does.
    account_manager_level: AccountManagerLevelWord,
    /// Whether late orders are possible.
    #[schema(example = false)]
    late_order: bool,
    /// Whether urgent deliveries are possible.
    #[schema(example = false)]
    urgent_delivery: bool,
}

/// A subscription plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plan {
    /// The id of the plan.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000080")]
    id: Uuid,
    /// The key of the plan.
    #[schema(example = "steady")]
    key: String,
    /// The title of the plan.
    #[schema(example = "Steady")]
    title: String,
    /// The tier of the plan.
    tier: TierWord,
    /// How often it is paid.
    billing_interval: BillingIntervalWord,
    /// What a period costs.
    price: Price,
    /// The price object at the payment provider, or null.
    #[schema(example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    stripe_price_id: Option<String>,
    /// What it allows.
    entitlements: PlanEntitlements,
    /// Whether it is for sale.
    #[schema(example = true)]
    active: bool,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<model::Plan> for Plan {
    fn from(plan: model::Plan) -> Self {
        let allowed = plan.content.entitlements;
        Self {
            id: plan.id.uuid(),
            key: plan.key,
            title: plan.content.title,
            tier: plan.content.tier.into(),
            billing_interval: plan.content.billing_interval.into(),
            price: plan.content.price.into(),
            stripe_price_id: plan.content.stripe_price_id,
            entitlements: PlanEntitlements {
                preset_access: allowed.preset_access,
                override_access: allowed.override_access,
                override_allowance: allowed.override_allowance,
                ingredient_tier: allowed.ingredient_tier.into(),
                promo_unlocked_credits: allowed.promo_unlocked_credits,
                account_manager_level: allowed.account_manager_level.into(),
                late_order: allowed.late_order,
                urgent_delivery: allowed.urgent_delivery,
            },
            active: plan.content.active,
            created_at: plan.created_at,
        }
    }
}

/// A plan to create or to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanForm {
    /// Its key; the title makes one when it is absent. It never changes: at a change it may only repeat
    /// the present one.
    #[validate(length(max = 50), custom(function = keys::key))]
    #[schema(
        example = "steady",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// The title of the plan form.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Steady",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    title: String,
    /// The tier of the plan form.
    tier: TierWord,
    /// How often it is paid.
    billing_interval: BillingIntervalWord,
    /// What a period costs.
    #[validate(nested)]
    price: Price,
    /// The price object at the payment provider.
    #[validate(length(min = 1, max = 255), custom(function = text::name))]
    #[schema(
        example = "price_1PgafmB7WZ01zgkW6dKueIc5",
        min_length = 1,
        max_length = 255,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    stripe_price_id: Option<String>,
    /// What it allows.
    #[validate(nested)]
    entitlements: PlanEntitlements,
    /// Whether it is for sale.
    #[schema(example = true)]
    active: bool,
}

impl PlanForm {
    fn into_create(self) -> Result<(String, PlanContent), Problem> {
        let key = keys::key_of(self.key.clone(), &self.title)?.as_str().to_owned();
        Ok((key, self.into_content()?))
    }

    fn into_update(self, id: PlanId, version: i64) -> Result<Update<PlanId, PlanContent>, Problem> {
        let key = self.key.clone();
        Ok(Update { id, version, key, content: self.into_content()? })
    }

    fn into_content(self) -> Result<PlanContent, Problem> {
        let allowed = self.entitlements;
        Ok(PlanContent {
            title: self.title.trim().to_owned(),
            tier: self.tier.0,
            billing_interval: self.billing_interval.0,
            price: self.price.at_least(0)?,
            stripe_price_id: self.stripe_price_id,
            entitlements: Entitlements {
                preset_access: allowed.preset_access,
                override_access: allowed.override_access,
                override_allowance: allowed.override_allowance,
                ingredient_tier: allowed.ingredient_tier.0,
                promo_unlocked_credits: allowed.promo_unlocked_credits,
                account_manager_level: allowed.account_manager_level.0,
                late_order: allowed.late_order,
                urgent_delivery: allowed.urgent_delivery,
            },
            active: self.active,
        })
    }
}

/// List plans
#[utoipa::path(tag = "plans", params(ListQuery), responses(Page<Plan>))]
#[get("/admin/plans")]
pub(crate) async fn list_plans(
    who: Allowed<CatalogueRead>,
    query: ListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<Plan>, Problem> {
    let page = kitchen
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            read_products::list_plans(&who, &tx, page).await
        })
        .await?;
    Ok(page.map(Plan::from).into())
}

impl Guarded for list_plans {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Create a plan
#[utoipa::path(tag = "plans", request_body = PlanForm, responses(Created<Plan>))]
#[post("/admin/plans")]
pub(crate) async fn create_plan(
    who: Allowed<CatalogueWrite>,
    body: Json<PlanForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Created<Plan>, Problem> {
    let (key, content) = body.0.into_create()?;
    let plan = kitchen
        .db()
        .transaction(&who, (who.clone(), key, content), async |tx, (who, key, content)| {
            save_product::create_plan(&who, &tx, key, content).await
        })
        .await?;
    Ok(Created::below(plan.id, ETag(plan.version), plan.into()))
}

impl Guarded for create_plan {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().writes();
}

/// Get a plan
#[utoipa::path(tag = "plans", params(("id" = Uuid, Path, description = "The plan")), responses(Versioned<Plan>))]
#[get("/admin/plans/{id}")]
pub(crate) async fn get_plan(
    who: Allowed<CatalogueRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<Plan>, Problem> {
    let plan = kitchen
        .db()
        .read(&who, (who.clone(), PlanId::from(id.0)), async |tx, (who, id)| {
            read_products::get_plan(&who, &tx, id).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(plan))
}

impl Guarded for get_plan {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Update a plan
///
/// Everything but its key.
#[utoipa::path(tag = "plans", params(("id" = Uuid, Path, description = "The plan")), request_body = PlanForm, responses(Versioned<Plan>))]
#[put("/admin/plans/{id}")]
pub(crate) async fn update_plan(
    who: Allowed<CatalogueWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<PlanForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<Plan>, Problem> {
    let command = body.0.into_update(id.0.into(), version.0.0)?;
    let plan = kitchen
        .db()
        .transaction(&who, (who.clone(), command), async |tx, (who, command)| {
            save_product::update_plan(&who, &tx, command).await
        })
        .await?;
    Ok(versioned(plan))
}

impl Guarded for update_plan {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().updates();
}

fn versioned(plan: model::Plan) -> Versioned<Plan> {
    Versioned { etag: ETag(plan.version), body: plan.into() }
}
