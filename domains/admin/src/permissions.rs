//! What people may be permitted to do with their tenant, and operators with all tenants.

bk_kernel::permissions! {
    /// Read the tenant's own details and settings.
    SettingsRead = "settings.read", "Read the details and settings of the kitchen";
    /// Change the tenant's own details and settings.
    SettingsWrite = "settings.write", "Change the name, schedule and allowed origins of the kitchen";
    /// Read roles and the permission catalogue.
    RolesRead = "roles.read", "Read roles and what they permit";
    /// Compose roles.
    RolesManage = "roles.manage", "Create, change and delete roles";
    /// Read the audit log.
    AuditRead = "audit.read", "Read the audit log";
    /// Read tenants, as an operator.
    PlatformTenantsRead = "platform.tenants.read", "Read the tenants of the deployment";
    /// Create, rename, suspend and resume tenants, as an operator.
    PlatformTenantsWrite = "platform.tenants.write", "Create, rename, suspend and resume tenants";
}
