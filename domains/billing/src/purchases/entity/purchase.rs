//! A row of `billing_purchases`.

use bk_kernel::Money;
use bk_persistence::store::{DbError, corrupt_row, from_word, tenant_entity};
use sea_orm::entity::prelude::*;

use crate::purchases::purchase::{PaymentPage, Purchase};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "billing_purchases")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) product_id: Uuid,
    pub(crate) title: String,
    pub(crate) meals: i32,
    pub(crate) meal_size_g: i32,
    pub(crate) price_minor: i64,
    pub(crate) currency: String,
    pub(crate) state: String,
    pub(crate) attention: Option<String>,
    pub(crate) request_key: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) success_url: Option<String>,
    pub(crate) cancel_url: Option<String>,
    pub(crate) stripe_session_id: Option<String>,
    pub(crate) checkout_url: Option<String>,
    pub(crate) stripe_payment_intent_id: Option<String>,
    pub(crate) created_at: ChronoDateTimeUtc,
    pub(crate) expires_at: ChronoDateTimeUtc,
    pub(crate) paid_at: Option<ChronoDateTimeUtc>,
    pub(crate) version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id, version);

impl TryFrom<Model> for Purchase {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let currency = row.currency.parse().map_err(|_| corrupt_row("purchase"))?;
        let review_reason = row.attention.as_deref().map(|word| from_word(word, "purchase"));
        Ok(Self {
            id: row.id.into(),
            account_id: row.account_id.into(),
            user_id: row.user_id.into(),
            product_id: row.product_id.into(),
            title: row.title,
            meals: row.meals,
            meal_size_g: row.meal_size_g,
            price: Money::new(row.price_minor, currency),
            state: from_word(&row.state, "purchase")?,
            review_reason: review_reason.transpose()?,
            page: row
                .stripe_session_id
                .zip(row.checkout_url)
                .map(|(session_id, url)| PaymentPage { session_id, url }),
            created_at: row.created_at,
            expires_at: row.expires_at,
            paid_at: row.paid_at,
        })
    }
}
