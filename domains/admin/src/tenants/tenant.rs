//! A tenant. Pure.

use std::fmt;

use bk_contracts::tenants::{
    AllowedOrigins, PLATFORM_SLUG, ScheduleSettings, TenantSettings, TenantStatus,
};
use bk_kernel::{Currency, TenantId, WeeklySchedule};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::origin::Origin;
use crate::roles::TenantKind;

/// Names a tenant in addresses and logins: 3 to 40 of `a-z`, `0-9` and `-`. Never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slug(String);

/// Why a slug was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum SlugError {
    /// The text has other characters, or another length.
    #[error("use 3 to 40 lower-case letters, digits and hyphens")]
    Form,
    /// The slug names the tenant of the operators.
    #[error("this name is reserved")]
    Reserved,
}

impl Slug {
    /// The slug of the tenant whose staff are the operators.
    pub(crate) fn platform() -> Self {
        Self(PLATFORM_SLUG.to_owned())
    }

    /// Reads a slug that a new tenant may have. Fails with [`SlugError`] when the text is not a slug, or
    /// is that of the operators' tenant.
    pub(crate) fn unreserved(text: &str) -> Result<Self, SlugError> {
        match Self::any(text) {
            None => Err(SlugError::Form),
            Some(slug) if slug.is_platform() => Err(SlugError::Reserved),
            Some(slug) => Ok(slug),
        }
    }

    /// Reads a slug that any tenant may have; none when the text is not one.
    pub(crate) fn any(text: &str) -> Option<Self> {
        let fits = (3..=40).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names the tenant of the operators.
    pub(crate) fn is_platform(&self) -> bool {
        self.0 == PLATFORM_SLUG
    }

    /// Which built-in roles the tenant has.
    pub(crate) fn kind(&self) -> TenantKind {
        if self.is_platform() { TenantKind::Platform } else { TenantKind::Regular }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What people call the tenant: 1 to 120 characters, none of them a control character, not led or
/// followed by spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TenantName(String);

impl TenantName {
    /// Reads a name; none when the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=120).contains(&text.chars().count()) && crate::text::is_plain(text);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

bk_kernel::string_enum! {
    /// How far a new tenant's staff have come (docs/controls.md, TN-3).
    pub(crate) enum TenantSetup: "a setup state" {
        /// The settings were not saved yet.
        Pending = "PENDING",
        /// The settings were saved at least once.
        Complete = "COMPLETE",
    }
}

/// A tenant and its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) slug: Slug,
    pub(crate) name: TenantName,
    pub(crate) status: TenantStatus,
    pub(crate) currency: Currency,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    pub(crate) schedule: WeeklySchedule,
    pub(crate) origins: Origins,
    pub(crate) setup: TenantSetup,
    /// Counts changes of anything here; the `ETag` of the tenant and of its settings.
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Where browsers of the tenant's people may call from and where a checkout may return to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    pub(crate) client: Vec<Origin>,
    pub(crate) admin: Vec<Origin>,
    pub(crate) site: Vec<Origin>,
    pub(crate) returns: Vec<Origin>,
}

impl Origins {
    /// The origins per surface, as other domains read them.
    pub(crate) fn allowed(&self) -> AllowedOrigins {
        AllowedOrigins {
            client: texts(&self.client),
            admin: texts(&self.admin),
            site: texts(&self.site),
        }
    }
}

/// The origins as texts, in the same order.
pub(crate) fn texts(origins: &[Origin]) -> Vec<String> {
    origins.iter().map(|origin| origin.as_str().to_owned()).collect()
}

/// The schedule as other domains read it.
pub(crate) fn schedule_settings(schedule: &WeeklySchedule) -> ScheduleSettings {
    ScheduleSettings {
        time_zone: schedule.time_zone().name().to_owned(),
        window_opens: schedule.window_opens().to_string(),
        window_closes: schedule.window_closes().to_string(),
        cutoff: schedule.cutoff().to_string(),
    }
}

impl From<&Tenant> for TenantSettings {
    fn from(tenant: &Tenant) -> Self {
        Self {
            tenant_id: tenant.id,
            slug: tenant.slug.as_str().to_owned(),
            name: tenant.name.as_str().to_owned(),
            status: tenant.status,
            currency: tenant.currency,
            schedule: schedule_settings(&tenant.schedule),
            origins: tenant.origins.allowed(),
            return_origins: texts(&tenant.origins.returns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_three_to_forty_lower_case_letters_digits_and_hyphens() {
        for accepted in ["abc", "green-fork", "a-1", &"x".repeat(40)] {
            let slug = Slug::unreserved(accepted).map(|slug| slug.to_string());
            assert_eq!(slug, Ok(accepted.to_owned()));
        }
        for refused in ["", "ab", &"x".repeat(41), "Green", "green_fork", "grün", "a b c", "abc\0"]
        {
            assert_eq!(Slug::unreserved(refused), Err(SlugError::Form), "{refused:?}");
        }
    }

    #[test]
    fn no_new_tenant_takes_the_name_of_the_operators() {
        assert_eq!(Slug::unreserved("platform"), Err(SlugError::Reserved));
        assert_eq!(Slug::any("platform"), Some(Slug::platform()));
    }

    #[test]
    fn a_name_has_no_control_characters_and_no_outer_spaces() {
        for refused in ["", " ", "a\n", "a\0b", " a", "a ", &"x".repeat(121)] {
            assert_eq!(TenantName::parse(refused), None, "{refused:?}");
        }
        assert!(TenantName::parse("Grüne Gabel & Söhne").is_some());
    }
}
