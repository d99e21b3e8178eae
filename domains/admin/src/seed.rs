//! Tenants that the host seeds.

use bk_contracts::tenants::AllowedOrigins;

/// A tenant to seed.
#[derive(Debug, Clone)]
pub struct SeedTenant {
    /// 3 to 40 of `a-z`, `0-9`, `-`; `platform` for the tenant of the operators.
    pub slug: String,
    /// What people call the tenant.
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
