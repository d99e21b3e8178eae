//! Creating a kitchen: its row, its directory entries, its roles and the invitation of its owner, in
//! one transaction.

use bk_contracts::{
    facts::{Fact, TenantCreated},
    identity::{InviteError, NewUser},
    tenants::TenantStatus,
};
use bk_kernel::{Currency, Permit, RequestId, TenantId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    store,
    tenant::{Origins, Setup, Slug, Tenant, TenantName},
};
use crate::{
    Admin,
    acting::Acting,
    permissions::PlatformTenantsWrite,
    roles::{self, builtin},
    settings::Schedule,
};

/// The unique constraint of slugs, of the directory of tenants.
pub(super) const SLUG_TAKEN: &str = "tenant_directory_slug_key";

/// A kitchen to create.
#[derive(Debug, Clone)]
pub(crate) struct CreateTenant {
    pub(crate) slug: Slug,
    pub(crate) name: TenantName,
    pub(crate) country: String,
    pub(crate) currency: Currency,
    pub(crate) schedule: Schedule,
    pub(crate) owner: NewOwner,
}

/// Its first member, who invites the others.
#[derive(Debug, Clone)]
pub(crate) struct NewOwner {
    pub(crate) email: String,
    pub(crate) display_name: String,
}

/// Why it was not created.
#[derive(Debug, Error)]
pub(crate) enum CreateTenantError {
    /// Another tenant has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The owner's address is not an e-mail address.
    #[error("the owner's address is not an e-mail address")]
    OwnerEmail,
    /// Identity refused the owner for a reason that cannot arise in a tenant just made.
    #[error("the owner could not be invited")]
    Invite(#[source] InviteError),
    /// The database refused.
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

/// Creates the kitchen and queues the invitation of its owner.
pub(crate) async fn create_tenant(
    admin: &Admin,
    _: Permit<PlatformTenantsWrite>,
    by: Acting,
    new: CreateTenant,
) -> Result<Tenant, CreateTenantError> {
    let this = admin.clone();
    let scope = admin.db().tenant(TenantId::new());
    let created = scope.run(move |tx| async move { create(&this, &tx, &by, new).await });
    let tenant = created.await?;
    metrics::counter!("bk_tenants_created_total").increment(1);
    Ok(tenant)
}

async fn create(
    admin: &Admin,
    tx: &TenantTx,
    by: &Acting,
    new: CreateTenant,
) -> Result<Tenant, CreateTenantError> {
    let tenant = Tenant {
        id: tx.tenant_id(),
        slug: new.slug,
        name: new.name,
        status: TenantStatus::Active,
        currency: new.currency,
        country: new.country,
        schedule: new.schedule,
        origins: Origins::default(),
        setup: Setup::Pending,
        version: 1,
        created_at: by.at,
        updated_at: by.at,
    };
    establish(admin, tx, &tenant, Some(by.request_id)).await?;
    let owner = NewUser {
        email: new.owner.email,
        display_name: new.owner.display_name,
        roles: vec![builtin::OWNER.to_owned()],
        // The operator is not a user of the new tenant.
        invited_by: None,
        request_id: Some(by.request_id),
        at: by.at,
    };
    let owner = admin.users().invite(tx, owner).await?;
    let entry = by.entry("tenant.created", "tenant", tenant.id.to_string()).details(json!({
        "slug": tenant.slug.as_str(),
        "country": tenant.country,
        "currency": tenant.currency,
        "owner_id": owner,
    }));
    bk_audit::append(tx, entry).await?;
    Ok(tenant)
}

/// Inserts what makes a tenant one, apart from people. Says whether it was new.
pub(super) async fn establish(
    admin: &Admin,
    tx: &TenantTx,
    tenant: &Tenant,
    request_id: Option<RequestId>,
) -> Result<bool, DbError> {
    let new = store::insert(tx, tenant).await?;
    let defined = builtin::roles_of(&tenant.slug, admin.catalogue());
    roles::put_builtin(tx, &defined, tenant.created_at).await?;
    if new {
        if !tenant.slug.is_platform() {
            let created = Fact::TenantCreated(TenantCreated { slug: tenant.slug.to_string() });
            created.tell(tx, request_id, tenant.created_at).await?;
        }
        admin.ports().tell_changed(tx).await?;
    }
    Ok(new)
}
