//! Purchases, the ledger of money, the inbox of the payment provider's events, and the directory of
//! its objects.

use bk_persistence::migration::{append_only, enable_tenant_rls};
use sea_orm_migration::prelude::*;

/// The migration.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let fences = [
            enable_tenant_rls("billing_purchases"),
            append_only("billing_ledger"),
            enable_tenant_rls("billing_ledger"),
            // Only the worker, which has asked the provider, records money.
            "REVOKE INSERT ON billing_ledger FROM bk_app;".to_owned(),
        ];
        let sql = format!("{}{}", include_str!("sql/m000040_billing.sql"), fences.concat());
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
