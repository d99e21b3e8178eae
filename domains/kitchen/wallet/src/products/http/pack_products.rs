//! `/admin/pack-products`.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, RateClass,
    Routes, Versioned,
};
use bk_kernel::{Code, Money, PackProductId};
use bk_kitchen_core::{
    Author, KitchenState, MealSize,
    permissions::{CatalogueRead, CatalogueWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::products::{
    offer::{PackProduct, PackProductContent},
    read_products as reading, save_offer as saving,
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_pack_products)
        .mount(create_pack_product)
        .mount(get_pack_product)
        .mount(update_pack_product)
        .mount(deactivate_pack_product);
}

/// A price in minor units.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferPrice)]
pub(crate) struct OfferPriceDto {
    /// Minor units.
    #[validate(range(min = 0, max = 100_000_000, message = "between 0 and 100000000"))]
    #[schema(minimum = 0, maximum = 100_000_000, example = 13000)]
    amount: i64,
    /// ISO 4217.
    #[validate(custom(function = currency))]
    #[schema(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3, example = "AUD")]
    currency: String,
}

fn currency(text: &str) -> Result<(), ValidationError> {
    text.parse::<bk_kernel::Currency>()
        .map(drop)
        .map_err(|error| ValidationError::new("format").with_message(error.to_string().into()))
}

impl From<Money> for OfferPriceDto {
    fn from(price: Money) -> Self {
        Self { amount: price.amount_minor, currency: price.currency.as_str().to_owned() }
    }
}

impl OfferPriceDto {
    /// The price, of at least `least` minor units.
    pub(super) fn read(&self, least: i64) -> Result<Money, Problem> {
        if self.amount < least {
            return Err(Problem::field("/price/amount", "range", format!("at least {least}")));
        }
        let currency = self.currency.parse();
        let currency = currency.map_err(|error: bk_kernel::MoneyError| {
            Problem::field("/price/currency", "format", error.to_string())
        })?;
        Ok(Money::new(self.amount, currency))
    }
}

/// A pack product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackProduct)]
pub(crate) struct PackProductDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000070")]
    id: Uuid,
    /// Its SKU.
    #[schema(example = "meals-20-300")]
    sku: String,
    /// Its title.
    #[schema(example = "20 meals of 300 g")]
    title: String,
    /// Meals in a pack.
    #[schema(example = 20)]
    meals: i32,
    /// Grams per meal.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// What a pack costs.
    price: OfferPriceDto,
    /// The price object at the payment provider, or null.
    #[schema(example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    stripe_price_id: Option<String>,
    /// Whether it can be bought.
    #[schema(example = true)]
    active: bool,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<PackProduct> for PackProductDto {
    fn from(product: PackProduct) -> Self {
        Self {
            id: product.id.uuid(),
            sku: product.sku,
            title: product.content.title,
            meals: product.content.meals,
            meal_size_g: product.content.meal_size.grams(),
            price: product.content.price.into(),
            stripe_price_id: product.content.stripe_price_id,
            active: product.content.active,
            created_at: product.created_at,
        }
    }
}

/// A page of pack products.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackProductList)]
pub(crate) struct PackProductsDto {
    /// The pack products, oldest first.
    items: Vec<PackProductDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000070")]
    next_cursor: Option<String>,
}

/// A pack product to put on offer.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPackProduct)]
pub(crate) struct NewPackProductDto {
    /// Its SKU; it never changes.
    #[validate(length(min = 1, max = 40), custom(function = sku))]
    #[schema(
        example = "meals-20-300",
        min_length = 1,
        max_length = 40,
        pattern = "^[A-Za-z0-9_-]{1,40}$"
    )]
    sku: String,
    /// Its title.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "20 meals of 300 g",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    title: String,
    /// Meals in a pack.
    #[validate(range(min = 10, max = 80, message = "between 10 and 80"))]
    #[schema(minimum = 10, maximum = 80, example = 20)]
    meals: i32,
    /// Grams per meal: 300 or 400.
    #[schema(example = 300)]
    meal_size_g: u16,
    /// What a pack costs; more than zero.
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
    /// Whether it can be bought.
    #[schema(example = true)]
    active: bool,
}

/// What a pack product is to be. Its SKU stays, and so do packs that were bought.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PackProductChange)]
pub(crate) struct PackProductChangeDto {
    /// Its title.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "20 meals of 300 g",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    title: String,
    /// Meals in a pack.
    #[validate(range(min = 10, max = 80, message = "between 10 and 80"))]
    #[schema(minimum = 10, maximum = 80, example = 20)]
    meals: i32,
    /// Grams per meal: 300 or 400.
    #[schema(example = 300)]
    meal_size_g: u16,
    /// What a pack costs; more than zero.
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
    /// Whether it can be bought.
    #[schema(example = true)]
    active: bool,
}

fn sku(text: &str) -> Result<(), ValidationError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if text.bytes().all(allowed) {
        Ok(())
    } else {
        let message = "letters, digits, '_' and '-'";
        Err(ValidationError::new("format").with_message(message.into()))
    }
}

impl PackProductChangeDto {
    fn read(self) -> Result<PackProductContent, Problem> {
        let meal_size = MealSize::try_from(i32::from(self.meal_size_g))
            .map_err(|error| Problem::field("/meal_size_g", "choice", error.to_string()))?;
        Ok(PackProductContent {
            title: self.title.trim().to_owned(),
            meals: self.meals,
            meal_size,
            price: self.price.read(1)?,
            stripe_price_id: self.stripe_price_id,
            active: self.active,
        })
    }
}

/// List pack products.
#[utoipa::path(tag = "pack products", params(PageQuery), responses((status = 200, description = "A page of pack products", body = PackProductsDto)))]
#[get("/admin/pack-products")]
pub(crate) async fn list_pack_products(
    who: Allowed<CatalogueRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<KitchenState>,
) -> Result<Json<PackProductsDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let page =
        kitchen
            .tenant(who.caller.tenant_id())
            .read(move |tx| async move {
                reading::list_pack_products(&tx, who.permit, limit, after).await
            })
            .await?
            .map(PackProductDto::from);
    Ok(Json(PackProductsDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_pack_products {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Put a pack product on offer.
#[utoipa::path(tag = "pack products", request_body = NewPackProductDto, responses((status = 201, description = "The pack product", body = PackProductDto)))]
#[post("/admin/pack-products")]
pub(crate) async fn create_pack_product(
    who: Allowed<CatalogueWrite>,
    body: Json<NewPackProductDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<HttpResponse, Problem> {
    let new = body.0;
    let sku = new.sku;
    let content = PackProductChangeDto {
        title: new.title,
        meals: new.meals,
        meal_size_g: new.meal_size_g,
        price: new.price,
        stripe_price_id: new.stripe_price_id,
        active: new.active,
    };
    let content = content.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let product = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            saving::create_pack_product(&tx, permit, &author, sku, content).await
        })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, ETag(product.version).header()))
        .json(PackProductDto::from(product)))
}

impl Guarded for create_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().writes();
}

/// Read a pack product.
#[utoipa::path(tag = "pack products", params(("id" = Uuid, Path, description = "The pack product")), responses((status = 200, description = "The pack product", body = PackProductDto)))]
#[get("/admin/pack-products/{id}")]
pub(crate) async fn get_pack_product(
    who: Allowed<CatalogueRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<PackProductDto>, Problem> {
    let id = PackProductId::from(id.0);
    let product = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { reading::get_pack_product(&tx, who.permit, id).await })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(product))
}

impl Guarded for get_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Replace a pack product.
///
/// Everything but its SKU. Packs that were bought stay as they were bought.
#[utoipa::path(tag = "pack products", params(("id" = Uuid, Path, description = "The pack product")), request_body = PackProductChangeDto, responses((status = 200, description = "The pack product as it is now", body = PackProductDto)))]
#[put("/admin/pack-products/{id}")]
pub(crate) async fn update_pack_product(
    who: Allowed<CatalogueWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<PackProductChangeDto>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<PackProductDto>, Problem> {
    let content = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let which = (PackProductId::from(id.0), version.0.0);
    let product = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            saving::update_pack_product(&tx, permit, &author, which, content).await
        })
        .await?;
    Ok(versioned(product))
}

impl Guarded for update_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().updates();
}

/// Take a pack product off offer.
#[utoipa::path(tag = "pack products", params(("id" = Uuid, Path, description = "The pack product")), responses((status = 204, description = "It can no longer be bought")))]
#[delete("/admin/pack-products/{id}")]
pub(crate) async fn deactivate_pack_product(
    who: Allowed<CatalogueWrite>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<HttpResponse, Problem> {
    let (permit, author, id) = (who.permit, Author::from(&who.caller), id.0.into());
    kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            saving::deactivate_pack_product(&tx, permit, &author, id).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for deactivate_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().rate(RateClass::Write);
}

fn versioned(product: PackProduct) -> Versioned<PackProductDto> {
    Versioned { etag: ETag(product.version), body: product.into() }
}
