//! Tenants: creating, naming, suspending and finding them.
//!
//! Owns `admin_tenants`, the tenant's row in the directory, and its origins in `origin_directory`; what
//! a valid slug and origin are. Invariants: a slug is unique in the deployment and never changes; the
//! currency never changes; operators neither see nor suspend the platform tenant.

mod change_status;
mod change_tenant;
mod create_tenant;
mod entity;
pub(crate) mod http;
mod origin;
mod read_tenants;
mod rename_tenant;
mod seed_tenant;
mod store;
mod sync_builtin_roles;
mod tenant;

pub(crate) use change_tenant::{CHANGES_TOPIC, lock_tenant, save_tenant};
pub(crate) use origin::{ORIGIN_MAX_LEN, Origin, OriginError};
pub(crate) use read_tenants::{
    find_by_slug, get_own_tenant, is_origin_known, list_active_tenants, read_settings,
};
pub(crate) use seed_tenant::ensure_tenant;
pub(crate) use sync_builtin_roles::sync_builtin_roles;
pub(crate) use tenant::{Slug, Tenant, TenantSetup};
