//! What every domain stands on: the environment marker, the directory of tenants, the outbox and
//! the door to the job queue.

use bk_persistence::migration::enable_tenant_rls;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut sql = include_str!("sql/m000001_foundation.sql").to_owned();
        for table in ["outbox", "outbox_consumed"] {
            sql.push_str(&enable_tenant_rls(table));
        }
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
