//! Resources that more than one slice shows.

use std::borrow::Cow;

use bk_contracts::tenants::TenantSettings;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::users::User;

/// The user of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionUser<'a> {
    /// The id of the user.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    pub(crate) id: Uuid,
    /// The user's e-mail address, normalised.
    #[schema(value_type = String, example = "client1@greenfork.test")]
    pub(crate) email: Cow<'a, str>,
    /// The name shown to people.
    #[schema(value_type = String, example = "Robin Reed")]
    pub(crate) display_name: Cow<'a, str>,
}

impl From<User> for SessionUser<'_> {
    fn from(user: User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.into(),
            display_name: user.display_name.into(),
        }
    }
}

/// The tenant of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionTenant<'a> {
    /// The id of the tenant.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    pub(crate) id: Uuid,
    /// The slug of the tenant.
    #[schema(value_type = String, example = "greenfork")]
    pub(crate) slug: Cow<'a, str>,
    /// The name of the tenant.
    #[schema(value_type = String, example = "Green Fork")]
    pub(crate) name: Cow<'a, str>,
}

impl From<&TenantSettings> for SessionTenant<'_> {
    fn from(tenant: &TenantSettings) -> Self {
        Self {
            id: tenant.tenant_id.uuid(),
            slug: tenant.slug.clone().into(),
            name: tenant.name.clone().into(),
        }
    }
}
