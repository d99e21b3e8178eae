//! Tenants: creating, naming, suspending and finding them.
//!
//! Owns `admin_tenants` (whose settings columns the settings slice writes through
//! [`save_settings`]), the tenant's row in the directory, and its origins in `origin_directory`.
//! Invariants: a slug is unique in the deployment and never changes; the currency never changes; the
//! platform tenant is no kitchen: operators neither see nor suspend it.

mod change_status;
mod create_tenant;
mod entity;
pub(crate) mod http;
mod read_tenants;
mod rename_tenant;
mod seed_tenant;
mod store;
mod tenant;

pub(crate) use read_tenants::{
    active_tenants, all_tenants, find_by_slug, is_origin_known, read_settings, read_tenant,
};
pub use seed_tenant::SeedTenant;
pub(crate) use seed_tenant::{ensure_tenant, seed_tenant};
pub(crate) use store::{find as read_own, lock as lock_own, save_settings};
pub(crate) use tenant::{Setup, Slug, Tenant};

#[cfg(test)]
pub(crate) use {
    change_status::{ChangeStatusError, resume_tenant, suspend_tenant},
    create_tenant::{CreateTenant, CreateTenantError, NewOwner, create_tenant},
    read_tenants::list_kitchens,
    rename_tenant::{MayRename, RenameTenantError, rename_tenant},
    tenant::TenantName,
};
