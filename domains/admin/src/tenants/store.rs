//! Rows of `admin_tenants` and the directories, and the tenants they mean.

use bk_contracts::tenants::{AllowedOrigins, TenantRef, TenantStatus};
use bk_kernel::{Surface, TenantId};
use bk_persistence::{DbError, GlobalTx, TenantTx};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, QueryResult, QuerySelect, Statement,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::tenant::{self as row, Entity},
    tenant::{Origins, Setup, Slug, Tenant, TenantName, texts},
};
use crate::settings::{Origin, Schedule};

/// The transaction's own tenant.
pub(crate) async fn find(tx: &TenantTx) -> Result<Option<Tenant>, DbError> {
    Entity::find_by_id(tx.tenant_id().uuid()).one(tx).await?.map(from_row).transpose()
}

/// The same, locked until the transaction ends.
pub(crate) async fn lock(tx: &TenantTx) -> Result<Option<Tenant>, DbError> {
    Entity::find_by_id(tx.tenant_id().uuid())
        .lock_exclusive()
        .one(tx)
        .await?
        .map(from_row)
        .transpose()
}

/// Inserts the tenant and lists it and its origins in the directories. Says whether it was new:
/// a tenant that exists is left as it is. A slug another tenant has is a conflict.
pub(super) async fn insert(tx: &TenantTx, tenant: &Tenant) -> Result<bool, DbError> {
    let inserted = Entity::insert(to_row(tenant)?)
        .on_conflict(OnConflict::column(row::Column::TenantId).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    put_status(tx, tenant).await?;
    put_origins(tx, &tenant.origins).await?;
    Ok(true)
}

/// Writes the name of a locked tenant.
pub(super) async fn save_name(tx: &TenantTx, tenant: &Tenant) -> Result<(), DbError> {
    update(tx, row::ActiveModel { name: Set(tenant.name.as_str().to_owned()), ..version(tenant) })
        .await
}

/// Writes the status of a locked tenant, in the directory as well.
pub(super) async fn save_status(tx: &TenantTx, tenant: &Tenant) -> Result<(), DbError> {
    let changed =
        row::ActiveModel { status: Set(status_text(tenant.status).to_owned()), ..version(tenant) };
    update(tx, changed).await?;
    put_status(tx, tenant).await
}

/// Writes the schedule, origins and setup state of a locked tenant, and lists its origins.
pub(crate) async fn save_settings(tx: &TenantTx, tenant: &Tenant) -> Result<(), DbError> {
    let schedule = tenant.schedule.settings();
    let changed = row::ActiveModel {
        time_zone: Set(schedule.time_zone),
        window_opens: Set(schedule.window_opens),
        window_closes: Set(schedule.window_closes),
        cutoff: Set(schedule.cutoff),
        origins: Set(origins_json(&tenant.origins)?),
        return_origins: Set(texts(&tenant.origins.returns).into()),
        setup: Set(setup_text(tenant.setup).to_owned()),
        ..version(tenant)
    };
    update(tx, changed).await?;
    put_origins(tx, &tenant.origins).await
}

/// What is known of the tenant with this slug before a tenant is set.
pub(super) async fn by_slug(tx: &GlobalTx, slug: &Slug) -> Result<Option<TenantRef>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT tenant_id, status FROM tenant_by_slug($1)",
        [slug.as_str().into()],
    );
    tx.query_one_raw(statement).await?.map(|row| reference(&row)).transpose()
}

/// Kitchens after `after`, in the order of their ids, at most `rows`.
pub(super) async fn directory(
    tx: &GlobalTx,
    after: Option<TenantId>,
    rows: u64,
) -> Result<Vec<TenantId>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT tenant_id FROM tenant_directory
         WHERE slug <> $1 AND ($2::uuid IS NULL OR tenant_id > $2) ORDER BY tenant_id LIMIT $3",
        [
            Slug::platform().as_str().into(),
            after.map(TenantId::uuid).into(),
            i64::try_from(rows).unwrap_or(i64::MAX).into(),
        ],
    );
    ids(&tx.query_all_raw(statement).await?)
}

/// Every active tenant, that of the operators included.
pub(super) async fn active(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT tenant_id FROM tenant_directory WHERE status = $1 ORDER BY tenant_id",
        [status_text(TenantStatus::Active).into()],
    );
    ids(&tx.query_all_raw(statement).await?)
}

/// Every tenant, whatever its status.
pub(super) async fn all(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    let statement = Statement::from_string(
        DbBackend::Postgres,
        "SELECT tenant_id FROM tenant_directory ORDER BY tenant_id",
    );
    ids(&tx.query_all_raw(statement).await?)
}

/// Whether any tenant admits `origin` on `surface`.
pub(super) async fn origin_known(
    tx: &GlobalTx,
    surface: Surface,
    origin: &str,
) -> Result<bool, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT origin_known($1, $2) AS known",
        [surface.as_str().into(), origin.into()],
    );
    let row = tx.query_one_raw(statement).await?;
    row.map_or(Ok(false), |row| Ok(row.try_get("", "known")?))
}

async fn put_status(tx: &TenantTx, tenant: &Tenant) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT tenant_directory_put($1, $2, $3)",
        [tenant.id.uuid().into(), tenant.slug.as_str().into(), status_text(tenant.status).into()],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}

async fn put_origins(tx: &TenantTx, origins: &Origins) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT origin_directory_put($1, $2, $3, $4)",
        [
            tx.tenant_id().uuid().into(),
            texts(&origins.client).into(),
            texts(&origins.admin).into(),
            texts(&origins.site).into(),
        ],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}

/// What every change writes.
fn version(tenant: &Tenant) -> row::ActiveModel {
    row::ActiveModel {
        tenant_id: Set(tenant.id.uuid()),
        version: Set(tenant.version),
        updated_at: Set(tenant.updated_at),
        ..Default::default()
    }
}

async fn update(tx: &TenantTx, changed: row::ActiveModel) -> Result<(), DbError> {
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn to_row(tenant: &Tenant) -> Result<row::ActiveModel, DbError> {
    let schedule = tenant.schedule.settings();
    Ok(row::ActiveModel {
        tenant_id: Set(tenant.id.uuid()),
        slug: Set(tenant.slug.as_str().to_owned()),
        name: Set(tenant.name.as_str().to_owned()),
        status: Set(status_text(tenant.status).to_owned()),
        currency: Set(tenant.currency.as_str().to_owned()),
        country: Set(tenant.country.clone()),
        time_zone: Set(schedule.time_zone),
        window_opens: Set(schedule.window_opens),
        window_closes: Set(schedule.window_closes),
        cutoff: Set(schedule.cutoff),
        origins: Set(origins_json(&tenant.origins)?),
        return_origins: Set(texts(&tenant.origins.returns).into()),
        setup: Set(setup_text(tenant.setup).to_owned()),
        version: Set(tenant.version),
        created_at: Set(tenant.created_at),
        updated_at: Set(tenant.updated_at),
    })
}

fn from_row(row: row::Model) -> Result<Tenant, DbError> {
    let broken = || DbError::other("a row of admin_tenants breaks its own rules");
    let allowed: AllowedOrigins = serde_json::from_value(row.origins).map_err(DbError::encoding)?;
    let returns: Vec<String> =
        serde_json::from_value(row.return_origins).map_err(DbError::encoding)?;
    let origins = |list: &[String]| {
        list.iter()
            .map(|text| Origin::parse(text).ok())
            .collect::<Option<Vec<_>>>()
            .ok_or_else(broken)
    };
    Ok(Tenant {
        id: row.tenant_id.into(),
        slug: Slug::any(&row.slug).ok_or_else(broken)?,
        name: TenantName::parse(&row.name).ok_or_else(broken)?,
        status: status_from(&row.status).ok_or_else(broken)?,
        currency: row.currency.parse().map_err(|_| broken())?,
        country: row.country,
        schedule: Schedule::parse(
            &row.time_zone,
            &row.window_opens,
            &row.window_closes,
            &row.cutoff,
        )
        .map_err(|_| broken())?,
        origins: Origins {
            client: origins(&allowed.client)?,
            admin: origins(&allowed.admin)?,
            site: origins(&allowed.site)?,
            returns: origins(&returns)?,
        },
        setup: if row.setup == setup_text(Setup::Complete) {
            Setup::Complete
        } else {
            Setup::Pending
        },
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn origins_json(origins: &Origins) -> Result<serde_json::Value, DbError> {
    serde_json::to_value(origins.allowed()).map_err(DbError::encoding)
}

fn reference(row: &QueryResult) -> Result<TenantRef, DbError> {
    let status: String = row.try_get("", "status")?;
    Ok(TenantRef {
        id: row.try_get::<Uuid>("", "tenant_id")?.into(),
        status: status_from(&status).ok_or_else(|| DbError::other("unknown tenant status"))?,
    })
}

fn ids(rows: &[QueryResult]) -> Result<Vec<TenantId>, DbError> {
    rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "tenant_id")?.into())).collect()
}

const fn status_text(status: TenantStatus) -> &'static str {
    match status {
        TenantStatus::Active => "ACTIVE",
        TenantStatus::Suspended => "SUSPENDED",
    }
}

fn status_from(text: &str) -> Option<TenantStatus> {
    [TenantStatus::Active, TenantStatus::Suspended].into_iter().find(|s| status_text(*s) == text)
}

const fn setup_text(setup: Setup) -> &'static str {
    match setup {
        Setup::Pending => "PENDING",
        Setup::Complete => "COMPLETE",
    }
}
