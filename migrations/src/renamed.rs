//! The first eight migrations had numbers for names before they had dates. A database that recorded
//! the old names holds the same schema and is recognised.

use std::collections::BTreeSet;

use bk_persistence::{DbError, store::sql};
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Old and new names.
const RENAMED: [(&str, &str); 8] = [
    ("m000001_foundation", "m20261122_foundation"),
    ("m000010_guard", "m20261122_guard"),
    ("m000015_audit", "m20261122_audit"),
    ("m000020_identity", "m20261122_identity"),
    ("m000030_admin", "m20261122_admin"),
    ("m000040_billing", "m20261122_billing"),
    ("m000050_kitchen_catalogue", "m20261122_kitchen_catalogue"),
    ("m000051_kitchen_ordering", "m20261122_kitchen_ordering"),
];

/// Records the new names in place of the old ones, all or none. The caller holds the migrators' lock.
pub(crate) async fn record_new_names(connection: &impl ConnectionTrait) -> Result<(), DbError> {
    if !is_any_recorded(connection).await? {
        return Ok(());
    }
    let (old, new): (Vec<_>, Vec<_>) = RENAMED.into_iter().unzip();
    sql("UPDATE seaql_migrations AS recorded SET version = renamed.new
         FROM unnest($1::text[], $2::text[]) AS renamed (old, new)
         WHERE recorded.version = renamed.old")
    .bind(owned(old))
    .bind(owned(new))
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads the migrations that the database records, by their new names.
pub(crate) async fn recorded(
    connection: &impl ConnectionTrait,
) -> Result<BTreeSet<String>, DbError> {
    if !is_any_recorded(connection).await? {
        return Ok(BTreeSet::new());
    }
    let recorded: Vec<String> =
        sql("SELECT version FROM seaql_migrations").values(connection).await?;
    Ok(recorded.into_iter().map(new_name).collect())
}

/// Whether anything was migrated in this database.
async fn is_any_recorded(connection: &impl ConnectionTrait) -> Result<bool, DbError> {
    sql("SELECT to_regclass('public.seaql_migrations') IS NOT NULL").value(connection).await
}

fn new_name(name: String) -> String {
    match RENAMED.iter().find(|(old, _)| *old == name) {
        Some((_, new)) => (*new).to_owned(),
        None => name,
    }
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}
