//! A row of `billing_stripe_events`. It belongs to no tenant before it is known whom it concerns.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "billing_stripe_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) stripe_account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) event_id: String,
    pub(crate) id: Uuid,
    pub(crate) r#type: String,
    pub(crate) api_version: Option<String>,
    pub(crate) livemode: bool,
    pub(crate) created: ChronoDateTimeUtc,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<String>,
    pub(crate) payment_intent_id: Option<String>,
    pub(crate) envelope: Vec<u8>,
    pub(crate) received_at: ChronoDateTimeUtc,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) attempts: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) processed_at: Option<ChronoDateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
