//! The audit log: one append-only hash chain per tenant, and its head.

use bk_persistence::migration::{append_only, enable_tenant_rls};
use sea_orm_migration::prelude::*;

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let fences = [
            append_only("audit_entries"),
            enable_tenant_rls("audit_entries"),
            enable_tenant_rls("audit_heads"),
        ];
        let sql = format!("{}{}", include_str!("sql/m000015_audit.sql"), fences.concat());
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
