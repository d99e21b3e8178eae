//! The use case: an operator creates a tenant: its row, its directory entries, its roles and the
//! invitation of its owner, in one transaction.

use bk_audit::AuditEntry;
use bk_contracts::{
    facts::{Fact, TenantCreated},
    identity::{InviteError, NewUser},
    tenants::TenantStatus,
};
use bk_kernel::{Authorized, Currency, OperationContext, WeeklySchedule};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    change_tenant::notify_of_change,
    store,
    tenant::{Origins, Slug, Tenant, TenantName, TenantSetup},
};
use crate::{
    Admin,
    permissions::PlatformTenantsWrite,
    roles::{self, put_builtin_roles},
};

/// The unique constraint of slugs, of the directory of tenants.
pub(super) const SLUG_TAKEN: &str = "tenant_directory_slug_key";

/// A tenant to create.
#[derive(Debug, Clone)]
pub(super) struct CreateTenant {
    pub(super) slug: Slug,
    pub(super) name: TenantName,
    /// ISO 3166-1 alpha-2.
    pub(super) country: String,
    pub(super) currency: Currency,
    pub(super) schedule: WeeklySchedule,
    pub(super) owner: NewOwner,
}

/// The first member of a tenant, who invites the others.
#[derive(Debug, Clone)]
pub(super) struct NewOwner {
    pub(super) email: String,
    pub(super) display_name: String,
}

/// Why the tenant was not created.
#[derive(Debug, Error)]
pub(super) enum CreateTenantError {
    /// Another tenant has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The owner's address is not an e-mail address.
    #[error("the owner's address is not an e-mail address")]
    OwnerEmail,
    /// Identity refused the owner for a reason that cannot arise in a new tenant.
    #[error("the owner could not be invited")]
    Invite(#[source] InviteError),
    /// The database failed, and there is no new tenant.
    #[error("database")]
    Db(DbError),
}

impl From<DbError> for CreateTenantError {
    fn from(error: DbError) -> Self {
        if error.violates(SLUG_TAKEN) { Self::SlugTaken } else { Self::Db(error) }
    }
}

impl From<InviteError> for CreateTenantError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::EmailInvalid => Self::OwnerEmail,
            InviteError::Db(error) => error.into(),
            InviteError::EmailTaken | InviteError::UnknownRole(_) => Self::Invite(error),
        }
    }
}

/// Creates the tenant of the operation, whose id is new, and queues the invitation of its owner.
///
/// Fails with [`CreateTenantError`] when the slug is taken or the owner cannot be invited.
pub(super) async fn create_tenant(
    ctx: &Authorized<PlatformTenantsWrite>,
    admin: &Admin,
    new: CreateTenant,
) -> Result<Tenant, CreateTenantError> {
    let input = (ctx.clone(), admin.clone(), new);
    let created = admin.db().transaction(ctx, input, async |tx, (ctx, admin, new)| {
        create_within(&ctx, &tx, &admin, new).await
    });
    let tenant = created.await?;
    metrics::counter!("bk_tenants_created_total").increment(1);
    Ok(tenant)
}

async fn create_within(
    ctx: &Authorized<PlatformTenantsWrite>,
    tx: &TenantTx,
    admin: &Admin,
    new: CreateTenant,
) -> Result<Tenant, CreateTenantError> {
    let tenant = Tenant {
        id: ctx.tenant_id(),
        slug: new.slug,
        name: new.name,
        status: TenantStatus::Active,
        currency: new.currency,
        country: new.country,
        schedule: new.schedule,
        origins: Origins::default(),
        setup: TenantSetup::Pending,
        version: 1,
        created_at: ctx.at(),
        updated_at: ctx.at(),
    };
    establish(ctx, tx, admin, &tenant).await?;
    let owner = NewUser {
        email: new.owner.email,
        display_name: new.owner.display_name,
        roles: vec![roles::OWNER.to_owned()],
    };
    let owner = admin.users().invite(ctx, tx, owner).await?;
    let entry = AuditEntry::of(ctx, "tenant.created", "tenant", tenant.id).details(json!({
        "slug": tenant.slug.as_str(),
        "country": tenant.country,
        "currency": tenant.currency,
        "owner_id": owner,
    }));
    bk_audit::append(tx, entry).await?;
    Ok(tenant)
}

/// Inserts what makes a tenant one, apart from people. Returns whether it was new.
pub(super) async fn establish(
    ctx: &OperationContext,
    tx: &TenantTx,
    admin: &Admin,
    tenant: &Tenant,
) -> Result<bool, DbError> {
    let is_new = store::insert(tx, tenant).await?;
    if is_new {
        store::put_in_directory(tx, tenant).await?;
        store::put_origins(tx, &tenant.origins).await?;
    }
    put_builtin_roles(ctx, tx, admin.catalogue(), tenant.slug.kind()).await?;
    if is_new {
        if !tenant.slug.is_platform() {
            let created = Fact::TenantCreated(TenantCreated { slug: tenant.slug.to_string() });
            created.publish(ctx, tx).await?;
        }
        notify_of_change(tx).await?;
    }
    Ok(is_new)
}
