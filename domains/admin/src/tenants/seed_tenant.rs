//! The use case: tenants exist without an operator having asked for them: the operators' own, and the
//! demo tenants of development.

use bk_audit::AuditEntry;
use bk_contracts::tenants::TenantStatus;
use bk_kernel::{OperationContext, RequestId, TenantId, WeeklySchedule, schedule::parse_time_zone};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::{
    create_tenant::{SLUG_TAKEN, establish},
    origin::Origin,
    read_tenants::find_by_slug,
    tenant::{Origins, Slug, Tenant, TenantName, TenantSetup},
};
use crate::{Admin, SeedTenant};

/// Finds the tenant by its slug, or seeds it with a new id. One that exists keeps its settings and only
/// has its built-in roles brought up to date. Of several instances that start at once, one seeds and
/// the others find what it made.
///
/// Fails with [`DbError::Other`] when the seed breaks a rule of tenants.
pub(crate) async fn ensure_tenant(admin: &Admin, seed: SeedTenant) -> Result<TenantId, DbError> {
    let slug = Slug::any(&seed.slug).ok_or_else(|| DbError::other("not a slug"))?;
    let found = find_by_slug(admin.db(), slug.clone()).await?;
    let id = found.map_or_else(TenantId::new, |tenant| tenant.id);
    #[expect(clippy::disallowed_methods, reason = "the product seeds its tenants itself")]
    let ctx = OperationContext::system(id, RequestId::new(), admin.clock().now());
    let input = (ctx.clone(), admin.clone(), seed);
    let seeded = admin.db().transaction(&ctx, input, async |tx, (ctx, admin, seed)| {
        seed_within(&ctx, &tx, &admin, &seed).await
    });
    match seeded.await {
        Ok(()) => Ok(id),
        Err(error) if error.violates(SLUG_TAKEN) => {
            let winner = find_by_slug(admin.db(), slug).await?;
            winner.map(|tenant| tenant.id).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

async fn seed_within(
    ctx: &OperationContext,
    tx: &TenantTx,
    admin: &Admin,
    seed: &SeedTenant,
) -> Result<(), DbError> {
    let tenant = seeded(ctx, seed)
        .ok_or_else(|| DbError::other("the seed of a tenant breaks a rule of tenants"))?;
    if establish(ctx, tx, admin, &tenant).await? {
        let entry = AuditEntry::of(ctx, "tenant.seeded", "tenant", tenant.id)
            .details(json!({ "slug": tenant.slug.as_str() }));
        bk_audit::append(tx, entry).await?;
    }
    Ok(())
}

fn seeded(ctx: &OperationContext, seed: &SeedTenant) -> Option<Tenant> {
    Some(Tenant {
        id: ctx.tenant_id(),
        slug: Slug::any(&seed.slug)?,
        name: TenantName::parse(&seed.name)?,
        status: TenantStatus::Active,
        currency: seed.currency.parse().ok()?,
        country: crate::text::country(&seed.country).ok().map(|()| seed.country.clone())?,
        schedule: WeeklySchedule::standard(parse_time_zone(&seed.time_zone).ok()?),
        origins: Origins {
            client: origins(&seed.origins.client)?,
            admin: origins(&seed.origins.admin)?,
            site: origins(&seed.origins.site)?,
            returns: origins(&seed.return_origins)?,
        },
        setup: TenantSetup::Complete,
        version: 1,
        created_at: ctx.at(),
        updated_at: ctx.at(),
    })
}

fn origins(texts: &[String]) -> Option<Vec<Origin>> {
    texts.iter().map(|text| Origin::parse(text).ok()).collect()
}
