//! Tenants, their settings and roles, and the directory of browser origins.

use bk_persistence::migration::{enable_tenant_rls, grant_rw};
use sea_orm_migration::prelude::*;

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let fences = [
            grant_rw("admin_roles"),
            enable_tenant_rls("admin_tenants"),
            enable_tenant_rls("admin_roles"),
        ];
        let sql = format!("{}{}", include_str!("sql/m000030_admin.sql"), fences.concat());
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
