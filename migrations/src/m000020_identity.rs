//! Users, roles held, sessions, invitations, failed logins.

use bk_persistence::migration::{enable_tenant_rls, grant_rw};
use sea_orm_migration::prelude::*;

/// The tables of this migration; all of them are a tenant's.
const TABLES: [&str; 5] = [
    "identity_users",
    "identity_user_roles",
    "identity_sessions",
    "identity_invitations",
    "identity_login_attempts",
];

/// Those that app and worker also delete from.
const TRANSIENT: [&str; 3] =
    ["identity_sessions", "identity_invitations", "identity_login_attempts"];

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let fences = TABLES.map(enable_tenant_rls).concat();
        let grants = TRANSIENT.map(grant_rw).concat();
        let sql = format!("{}{fences}{grants}", include_str!("sql/m000020_identity.sql"));
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(crate::forward_only())
    }
}
