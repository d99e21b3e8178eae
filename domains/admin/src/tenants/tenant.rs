//! A tenant as the business means it.

use std::fmt;

use bk_contracts::tenants::{AllowedOrigins, PLATFORM_SLUG, TenantSettings, TenantStatus};
use bk_kernel::{Currency, TenantId};
use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::settings::{Origin, Schedule};

/// Names a tenant in addresses and logins: 3 to 40 of `a-z`, `0-9` and `-`. Never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slug(String);

/// Why a slug was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum SlugError {
    /// Other characters, or another length.
    #[error("use 3 to 40 lower-case letters, digits and hyphens")]
    Form,
    /// It names the tenant of the operators.
    #[error("this name is reserved")]
    Reserved,
}

impl Slug {
    /// The slug of the tenant whose staff are the operators.
    pub(crate) fn platform() -> Self {
        Self(PLATFORM_SLUG.to_owned())
    }

    /// A slug a kitchen may have.
    pub(crate) fn kitchen(text: &str) -> Result<Self, SlugError> {
        match Self::any(text) {
            None => Err(SlugError::Form),
            Some(slug) if slug.is_platform() => Err(SlugError::Reserved),
            Some(slug) => Ok(slug),
        }
    }

    /// A slug any tenant may have.
    pub(crate) fn any(text: &str) -> Option<Self> {
        let fits = (3..=40).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_platform(&self) -> bool {
        self.0 == PLATFORM_SLUG
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
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=120).contains(&text.chars().count()) && crate::text::is_plain(text);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// How far a new tenant's staff have come (control TN-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// Nobody has saved the settings yet.
    Pending,
    /// They were saved at least once.
    Complete,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) slug: Slug,
    pub(crate) name: TenantName,
    pub(crate) status: TenantStatus,
    pub(crate) currency: Currency,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    pub(crate) schedule: Schedule,
    pub(crate) origins: Origins,
    pub(crate) setup: Setup,
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
    pub(crate) fn allowed(&self) -> AllowedOrigins {
        AllowedOrigins {
            client: texts(&self.client),
            admin: texts(&self.admin),
            site: texts(&self.site),
        }
    }
}

pub(crate) fn texts(origins: &[Origin]) -> Vec<String> {
    origins.iter().map(|origin| origin.as_str().to_owned()).collect()
}

impl From<&Tenant> for TenantSettings {
    fn from(tenant: &Tenant) -> Self {
        Self {
            tenant_id: tenant.id,
            slug: tenant.slug.as_str().to_owned(),
            name: tenant.name.as_str().to_owned(),
            status: tenant.status,
            currency: tenant.currency,
            schedule: tenant.schedule.settings(),
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
        for good in ["abc", "green-fork", "a-1", &"x".repeat(40)] {
            assert_eq!(Slug::kitchen(good).map(|slug| slug.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "ab", &"x".repeat(41), "Green", "green_fork", "grün", "a b c", "abc\0"] {
            assert_eq!(Slug::kitchen(bad), Err(SlugError::Form), "{bad:?}");
        }
    }

    #[test]
    fn no_kitchen_takes_the_name_of_the_operators() {
        assert_eq!(Slug::kitchen("platform"), Err(SlugError::Reserved));
        assert_eq!(Slug::any("platform"), Some(Slug::platform()));
    }

    #[test]
    fn a_name_has_no_control_characters_and_no_outer_spaces() {
        for bad in ["", " ", "a\n", "a\0b", " a", "a ", &"x".repeat(121)] {
            assert_eq!(TenantName::parse(bad), None, "{bad:?}");
        }
        assert!(TenantName::parse("Grüne Gabel & Söhne").is_some());
    }
}
