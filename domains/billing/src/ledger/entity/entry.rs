//! A row of `billing_ledger`.

use bk_kernel::Money;
use bk_persistence::store::{DbError, corrupt_row, from_word, tenant_entity};
use sea_orm::entity::prelude::*;

use crate::ledger::entry::Entry;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "billing_ledger")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) stripe_object: String,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) purchase_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) livemode: bool,
    pub(crate) at: ChronoDateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity, id);

impl TryFrom<Model> for Entry {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let currency = row.currency.parse().map_err(|_| corrupt_row("ledger entry"))?;
        Ok(Self {
            id: row.id,
            kind: from_word(&row.kind, "ledger entry")?,
            purchase_id: row.purchase_id.into(),
            account_id: row.account_id.into(),
            stripe_object: row.stripe_object,
            amount: Money::new(row.amount_minor, currency),
            livemode: row.livemode,
            at: row.at,
        })
    }
}
