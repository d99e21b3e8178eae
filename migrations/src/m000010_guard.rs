//! What the guard keeps: idempotency keys and the answers given to them.

use bk_persistence::migration::{enable_tenant_rls, grant_rw};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = include_str!("sql/m000010_guard.sql").to_owned();
        sql.push_str(&enable_tenant_rls("idempotency_keys"));
        sql.push_str(&grant_rw("idempotency_keys"));
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
