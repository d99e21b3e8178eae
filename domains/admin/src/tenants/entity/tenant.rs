//! A row of `admin_tenants`.

use bk_contracts::tenants::AllowedOrigins;
use bk_kernel::WeeklySchedule;
use bk_persistence::store::{DbError, Set, corrupt_row, from_word, tenant_entity};
use sea_orm::entity::prelude::*;

use crate::tenants::{
    origin::Origin,
    tenant::{Origins, Slug, Tenant, TenantName, texts},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_tenants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) country: String,
    pub(crate) time_zone: String,
    pub(crate) window_opens: String,
    pub(crate) window_closes: String,
    pub(crate) cutoff: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) origins: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) return_origins: Json,
    pub(crate) setup: String,
    pub(crate) version: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);

impl TryFrom<&Tenant> for ActiveModel {
    type Error = DbError;

    fn try_from(tenant: &Tenant) -> Result<Self, DbError> {
        let schedule = &tenant.schedule;
        let origins = serde_json::to_value(tenant.origins.allowed()).map_err(DbError::encoding)?;
        Ok(Self {
            tenant_id: Set(tenant.id.uuid()),
            slug: Set(tenant.slug.as_str().to_owned()),
            name: Set(tenant.name.as_str().to_owned()),
            status: Set(tenant.status.as_str().to_owned()),
            currency: Set(tenant.currency.as_str().to_owned()),
            country: Set(tenant.country.clone()),
            time_zone: Set(schedule.time_zone().name().to_owned()),
            window_opens: Set(schedule.window_opens().to_string()),
            window_closes: Set(schedule.window_closes().to_string()),
            cutoff: Set(schedule.cutoff().to_string()),
            origins: Set(origins),
            return_origins: Set(texts(&tenant.origins.returns).into()),
            setup: Set(tenant.setup.as_str().to_owned()),
            version: Set(tenant.version),
            created_at: Set(tenant.created_at),
            updated_at: Set(tenant.updated_at),
        })
    }
}

impl TryFrom<Model> for Tenant {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let corrupt_row = || corrupt_row("tenant");
        let schedule = WeeklySchedule::parse(
            &row.time_zone,
            &row.window_opens,
            &row.window_closes,
            &row.cutoff,
        );
        Ok(Self {
            id: row.tenant_id.into(),
            slug: Slug::any(&row.slug).ok_or_else(corrupt_row)?,
            name: TenantName::parse(&row.name).ok_or_else(corrupt_row)?,
            status: from_word(&row.status, "tenant")?,
            currency: row.currency.parse().map_err(|_| corrupt_row())?,
            country: row.country,
            schedule: schedule.map_err(|_| corrupt_row())?,
            origins: origins(row.origins, row.return_origins)?,
            setup: from_word(&row.setup, "tenant")?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn origins(allowed: Json, returns: Json) -> Result<Origins, DbError> {
    let allowed: AllowedOrigins = serde_json::from_value(allowed).map_err(DbError::encoding)?;
    let returns: Vec<String> = serde_json::from_value(returns).map_err(DbError::encoding)?;
    Ok(Origins {
        client: list(&allowed.client)?,
        admin: list(&allowed.admin)?,
        site: list(&allowed.site)?,
        returns: list(&returns)?,
    })
}

fn list(texts: &[String]) -> Result<Vec<Origin>, DbError> {
    let origins = texts.iter().map(|text| Origin::parse(text).ok()).collect::<Option<Vec<_>>>();
    origins.ok_or_else(|| corrupt_row("tenant"))
}
