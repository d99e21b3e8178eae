//! Tenants that exist without an operator having asked for them: the operators' own, and the demo
//! tenants of development.

use bk_audit::AuditEntry;
use bk_contracts::tenants::{AllowedOrigins, TenantStatus};
use bk_kernel::TenantId;
use bk_persistence::{DbError, TenantTx};

use super::{
    create_tenant::{SLUG_TAKEN, establish},
    read_tenants::find_by_slug,
    tenant::{Origins, Setup, Slug, Tenant, TenantName},
};
use crate::{
    Admin,
    settings::{Origin, Schedule},
};

/// A tenant to seed.
#[derive(Debug, Clone)]
pub struct SeedTenant {
    /// 3 to 40 of `a-z`, `0-9`, `-`; `platform` for the tenant of the operators.
    pub slug: String,
    /// For people.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name; the rest of the schedule is the product's default.
    pub time_zone: String,
    /// Browser origins per surface.
    pub origins: AllowedOrigins,
    /// Where a checkout may return to.
    pub return_origins: Vec<String>,
}

/// Makes the transaction's tenant exist; says whether it was new.
pub(crate) async fn seed_tenant(
    admin: &Admin,
    tx: &TenantTx,
    seed: SeedTenant,
) -> Result<bool, DbError> {
    let tenant = read(admin, tx.tenant_id(), &seed)
        .ok_or_else(|| DbError::other("the seed of a tenant breaks a rule of tenants"))?;
    let new = establish(admin, tx, &tenant, None).await?;
    if new {
        let entry =
            AuditEntry::system(tenant.created_at, "tenant.seeded", "tenant", tenant.id.to_string())
                .details(serde_json::json!({ "slug": tenant.slug.as_str() }));
        bk_audit::append(tx, entry).await?;
    }
    Ok(new)
}

/// Finds the tenant by its slug or seeds it. Of several instances that start at once, one seeds and
/// the others find what it made.
pub(crate) async fn ensure_tenant(admin: &Admin, seed: SeedTenant) -> Result<TenantId, DbError> {
    let slug = Slug::any(&seed.slug).ok_or_else(|| DbError::other("not a slug"))?;
    let found = find_by_slug(admin.db(), slug.clone()).await?;
    let id = found.map_or_else(TenantId::new, |tenant| tenant.id);
    let this = admin.clone();
    let scope = admin.db().tenant(id);
    let seeded = scope.run(move |tx| async move { seed_tenant(&this, &tx, seed).await });
    match seeded.await {
        Ok(_) => Ok(id),
        Err(error) if error.violates(SLUG_TAKEN) => {
            let winner = find_by_slug(admin.db(), slug).await?;
            winner.map(|tenant| tenant.id).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

fn read(admin: &Admin, id: TenantId, seed: &SeedTenant) -> Option<Tenant> {
    let at = admin.clock().now();
    Some(Tenant {
        id,
        slug: Slug::any(&seed.slug)?,
        name: TenantName::parse(&seed.name)?,
        status: TenantStatus::Active,
        currency: seed.currency.parse().ok()?,
        country: crate::text::country(&seed.country).ok().map(|()| seed.country.clone())?,
        schedule: Schedule::default_in(&seed.time_zone).ok()?,
        origins: Origins {
            client: origins(&seed.origins.client)?,
            admin: origins(&seed.origins.admin)?,
            site: origins(&seed.origins.site)?,
            returns: origins(&seed.return_origins)?,
        },
        setup: Setup::Complete,
        version: 1,
        created_at: at,
        updated_at: at,
    })
}

fn origins(texts: &[String]) -> Option<Vec<Origin>> {
    texts.iter().map(|text| Origin::parse(text).ok()).collect()
}
