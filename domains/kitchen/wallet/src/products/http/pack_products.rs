//! `/admin/pack-products`.

use actix_web::{delete, get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Path, Policy,
    Problem, RateClass, Routes, Versioned,
};
use bk_kernel::{Code, Money, PackProductId};
use bk_kitchen_core::{
    KitchenState, MealSize,
    permissions::{CatalogueRead, CatalogueWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::products::{
    product::{self as model, PackProductContent},
    read_products,
    save_product::{self, Update},
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
pub(crate) struct Price {
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

impl From<Money> for Price {
    fn from(price: Money) -> Self {
        Self { amount: price.amount_minor, currency: price.currency.as_str().to_owned() }
    }
}

impl Price {
    /// The price, of at least `least` minor units.
    pub(super) fn at_least(&self, least: i64) -> Result<Money, Problem> {
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
pub(crate) struct PackProduct {
    /// The id of the pack product.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000070")]
    id: Uuid,
    /// The SKU of the pack product.
    #[schema(example = "meals-20-300")]
    sku: String,
    /// The title of the pack product.
    #[schema(example = "20 meals of 300 g")]
    title: String,
    /// Meals in a pack.
    #[schema(example = 20)]
    meals: i32,
    /// Grams per meal.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// What a pack costs.
    price: Price,
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

impl From<model::PackProduct> for PackProduct {
    fn from(product: model::PackProduct) -> Self {
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

/// A pack product to create or to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackProductForm {
    /// Its SKU; a new product needs one. It never changes: at a change it may only repeat the present
    /// one.
    #[validate(length(min = 1, max = 40), custom(function = is_sku))]
    #[schema(
        example = "meals-20-300",
        min_length = 1,
        max_length = 40,
        pattern = "^[A-Za-z0-9_-]{1,40}$"
    )]
    sku: Option<String>,
    /// The title of the pack product form.
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
    /// Whether it can be bought.
    #[schema(example = true)]
    active: bool,
}

fn is_sku(text: &str) -> Result<(), ValidationError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if text.bytes().all(allowed) {
        Ok(())
    } else {
        let message = "letters, digits, '_' and '-'";
        Err(ValidationError::new("format").with_message(message.into()))
    }
}

impl PackProductForm {
    fn into_create(self) -> Result<(String, PackProductContent), Problem> {
        let sku = self.sku.clone();
        let sku =
            sku.ok_or_else(|| Problem::field("/sku", "required", "a new product needs one"))?;
        Ok((sku, self.into_content()?))
    }

    fn into_update(
        self,
        id: PackProductId,
        version: i64,
    ) -> Result<Update<PackProductId, PackProductContent>, Problem> {
        let key = self.sku.clone();
        Ok(Update { id, version, key, content: self.into_content()? })
    }

    fn into_content(self) -> Result<PackProductContent, Problem> {
        let meal_size = MealSize::try_from(i32::from(self.meal_size_g))
            .map_err(|error| Problem::field("/meal_size_g", "choice", error.to_string()))?;
        Ok(PackProductContent {
            title: self.title.trim().to_owned(),
            meals: self.meals,
            meal_size,
            price: self.price.at_least(1)?,
            stripe_price_id: self.stripe_price_id,
            active: self.active,
        })
    }
}

/// List pack products
#[utoipa::path(tag = "pack products", params(ListQuery), responses(Page<PackProduct>))]
#[get("/admin/pack-products")]
pub(crate) async fn list_pack_products(
    who: Allowed<CatalogueRead>,
    query: ListQuery,
    kitchen: web::Data<KitchenState>,
) -> Result<Page<PackProduct>, Problem> {
    let page = kitchen
        .db()
        .read(&who, (who.clone(), query.page()), async |tx, (who, page)| {
            read_products::list_pack_products(&who, &tx, page).await
        })
        .await?;
    Ok(page.map(PackProduct::from).into())
}

impl Guarded for list_pack_products {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Create a pack product
#[utoipa::path(tag = "pack products", request_body = PackProductForm, responses(Created<PackProduct>))]
#[post("/admin/pack-products")]
pub(crate) async fn create_pack_product(
    who: Allowed<CatalogueWrite>,
    body: Json<PackProductForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Created<PackProduct>, Problem> {
    let (key, content) = body.0.into_create()?;
    let product = kitchen
        .db()
        .transaction(&who, (who.clone(), key, content), async |tx, (who, key, content)| {
            save_product::create_pack_product(&who, &tx, key, content).await
        })
        .await?;
    Ok(Created::below(product.id, ETag(product.version), product.into()))
}

impl Guarded for create_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().writes();
}

/// Get a pack product
#[utoipa::path(tag = "pack products", params(("id" = Uuid, Path, description = "The pack product")), responses(Versioned<PackProduct>))]
#[get("/admin/pack-products/{id}")]
pub(crate) async fn get_pack_product(
    who: Allowed<CatalogueRead>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<PackProduct>, Problem> {
    let product = kitchen
        .db()
        .read(&who, (who.clone(), PackProductId::from(id.0)), async |tx, (who, id)| {
            read_products::get_pack_product(&who, &tx, id).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(product))
}

impl Guarded for get_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueRead>();
}

/// Update a pack product
///
/// Everything but its SKU. Packs that were bought stay as they were bought.
#[utoipa::path(tag = "pack products", params(("id" = Uuid, Path, description = "The pack product")), request_body = PackProductForm, responses(Versioned<PackProduct>))]
#[put("/admin/pack-products/{id}")]
pub(crate) async fn update_pack_product(
    who: Allowed<CatalogueWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<PackProductForm>,
    kitchen: web::Data<KitchenState>,
) -> Result<Versioned<PackProduct>, Problem> {
    let command = body.0.into_update(id.0.into(), version.0.0)?;
    let product = kitchen
        .db()
        .transaction(&who, (who.clone(), command), async |tx, (who, command)| {
            save_product::update_pack_product(&who, &tx, command).await
        })
        .await?;
    Ok(versioned(product))
}

impl Guarded for update_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().updates();
}

/// Deactivate a pack product
///
/// It can no longer be bought.
#[utoipa::path(tag = "pack products", params(("id" = Uuid, Path, description = "The pack product")), responses(NoContent))]
#[delete("/admin/pack-products/{id}")]
pub(crate) async fn deactivate_pack_product(
    who: Allowed<CatalogueWrite>,
    id: Path<Uuid>,
    kitchen: web::Data<KitchenState>,
) -> Result<NoContent, Problem> {
    kitchen
        .db()
        .transaction(&who, (who.clone(), PackProductId::from(id.0)), async |tx, (who, id)| {
            save_product::deactivate_pack_product(&who, &tx, id).await
        })
        .await?;
    Ok(NoContent)
}

impl Guarded for deactivate_pack_product {
    const POLICY: Policy = Policy::admin::<CatalogueWrite>().rate(RateClass::Write);
}

fn versioned(product: model::PackProduct) -> Versioned<PackProduct> {
    Versioned { etag: ETag(product.version), body: product.into() }
}
