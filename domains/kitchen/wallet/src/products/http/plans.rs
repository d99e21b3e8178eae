//! `/admin/plans`.

use actix_web::{HttpResponse, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, Routes,
    Versioned,
};
use bk_kernel::{Code, PlanId};
use bk_kitchen_catalogue::keys;
use bk_kitchen_core::{
    Author, KitchenState,
    http::TierChoice,
    permissions::{CatalogueRead, CatalogueWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    choice::{AccountManagerLevelChoice, BillingIntervalChoice},
    pack_products::OfferPriceDto,
};
use crate::products::{
    offer::{Entitlements, Plan, PlanContent},
    read_products as reading, save_offer as saving,
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_plans).mount(create_plan).mount(get_plan).mount(update_plan);
}

/// What a plan allows in one billing period.
#[expect(
    clippy::struct_excessive_bools,
    reason = "entitlements are flags (product page, section 3)"
)]
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanEntitlements)]
pub(crate) struct EntitlementsDto {
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
    ingredient_tier: TierChoice,
    /// Unlocked credits granted per paid period.
    #[validate(range(min = 0, max = 1000, message = "between 0 and 1000"))]
    #[schema(minimum = 0, maximum = 1000, example = 2)]
    promo_unlocked_credits: i32,
    /// What the account manager does.
    account_manager_level: AccountManagerLevelChoice,
    /// Whether late orders are possible.
    #[schema(example = false)]
    late_order: bool,
    /// Whether urgent deliveries are possible.
    #[schema(example = false)]
    urgent_delivery: bool,
}

/// A subscription plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000080")]
    id: Uuid,
    /// Its key.
    #[schema(example = "steady")]
    key: String,
    /// Its title.
    #[schema(example = "Steady")]
    title: String,
    /// Its tier.
    tier: TierChoice,
    /// How often it is paid.
    billing_interval: BillingIntervalChoice,
    /// What a period costs.
    price: OfferPriceDto,
    /// The price object at the payment provider, or null.
    #[schema(example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    stripe_price_id: Option<String>,
    /// What it allows.
    entitlements: EntitlementsDto,
    /// Whether it is on offer.
    #[schema(example = true)]
    active: bool,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<Plan> for PlanDto {
    fn from(plan: Plan) -> Self {
        let allowed = plan.content.entitlements;
        Self {
            id: plan.id.uuid(),
            key: plan.key,
            title: plan.content.title,
            tier: plan.content.tier.into(),
            billing_interval: plan.content.billing_interval.into(),
            price: plan.content.price.into(),
            stripe_price_id: plan.content.stripe_price_id,
            entitlements: EntitlementsDto {
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

/// A page of plans.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanList)]
pub(crate) struct PlansDto {
    /// The plans, oldest first.
    items: Vec<PlanDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000080")]
    next_cursor: Option<String>,
}

/// A plan to put on offer.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPlan)]
pub(crate) struct NewPlanDto {
    /// Its key; the title makes one when it is absent. It never changes.
    #[validate(length(max = 50), custom(function = keys::key))]
    #[schema(
        example = "steady",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// Its title.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Steady",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    title: String,
    /// Its tier.
    tier: TierChoice,
    /// How often it is paid.
    billing_interval: BillingIntervalChoice,
    /// What a period costs.
    #[validate(nested)]
    price: OfferPriceDto,
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
    entitlements: EntitlementsDto,
    /// Whether it is on offer.
    #[schema(example = true)]
    active: bool,
}

/// What a plan is to be. Its key stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanChange)]
pub(crate) struct PlanChangeDto {
    /// Its title.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Steady",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    title: String,
    /// Its tier.
    tier: TierChoice,
    /// How often it is paid.
    billing_interval: BillingIntervalChoice,
    /// What a period costs.
    #[validate(nested)]
    price: OfferPriceDto,
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
    entitlements: EntitlementsDto,
    /// Whether it is on offer.
    #[schema(example = true)]
    active: bool,
}

impl PlanChangeDto {
    fn read(self) -> Result<PlanContent, Problem> {
        let allowed = self.entitlements;
        Ok(PlanContent {
            title: self.title.trim().to_owned(),
            tier: self.tier.into(),
            billing_interval: self.billing_interval.into(),
            price: self.price.read(0)?,
            stripe_price_id: self.stripe_price_id,
            entitlements: Entitlements {
                preset_access: allowed.preset_access,
                override_access: allowed.override_access,
                override_allowance: allowed.override_allowance,
                ingredient_tier: allowed.ingredient_tier.into(),
                promo_unlocked_credits: allowed.promo_unlocked_credits,
                account_manager_level: allowed.account_manager_level.into(),
                late_order: allowed.late_order,
                urgent_delivery: allowed.urgent_delivery,
            },
            active: self.active,
        })
    }
}

/// List plans.
#[utoipa::path(tag = "plans", params(PageQuery), responses((status = 200, description = "A page of plans", body = PlansDto)))]
#[get("/admin/plans")]
pub(crate) async fn list_plans(
    who: Allowed<CatalogueRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PlansDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { reading::list_plans(&tx, who.permit, limit, after).await })
        .await?
        .map(PlanDto::from);
    Ok(Json(PlansDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_plans {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Put a plan on offer.
#[utoipa::path(tag = "plans", request_body = NewPlanDto, responses((status = 201, description = "The plan", body = PlanDto)))]
#[post("/admin/plans")]
pub(crate) async fn create_plan(
    who: Allowed<CatalogueWrite>,
    body: Json<NewPlanDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<HttpResponse, Problem> {
    let new = body.0;
    let key = keys::key_of(new.key, &new.title)?.as_str().to_owned();
    let content = PlanChangeDto {
        title: new.title,
        tier: new.tier,
        billing_interval: new.billing_interval,
        price: new.price,
        stripe_price_id: new.stripe_price_id,
        entitlements: new.entitlements,
        active: new.active,
    };
    let content = content.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let plan = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move { saving::create_plan(&tx, permit, &author, key, content).await })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, ETag(plan.version).header()))
        .json(PlanDto::from(plan)))
}

impl Guarded for create_plan {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().writes();
}

/// Read a plan.
#[utoipa::path(tag = "plans", params(("id" = Uuid, Path, description = "The plan")), responses((status = 200, description = "The plan", body = PlanDto)))]
#[get("/admin/plans/{id}")]
pub(crate) async fn get_plan(
    who: Allowed<CatalogueRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<PlanDto>, Problem> {
    let id = PlanId::from(id.0);
    let plan = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { reading::get_plan(&tx, who.permit, id).await })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Versioned { etag: ETag(plan.version), body: plan.into() })
}

impl Guarded for get_plan {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Replace a plan.
///
/// Everything but its key.
#[utoipa::path(tag = "plans", params(("id" = Uuid, Path, description = "The plan")), request_body = PlanChangeDto, responses((status = 200, description = "The plan as it is now", body = PlanDto)))]
#[put("/admin/plans/{id}")]
pub(crate) async fn update_plan(
    who: Allowed<CatalogueWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<PlanChangeDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<PlanDto>, Problem> {
    let content = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let which = (PlanId::from(id.0), version.0.0);
    let plan =
        kitchen
            .tenant(who.caller.tenant_id())
            .run(move |tx| async move {
                saving::update_plan(&tx, permit, &author, which, content).await
            })
            .await?;
    Ok(Versioned { etag: ETag(plan.version), body: plan.into() })
}

impl Guarded for update_plan {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().updates();
}
