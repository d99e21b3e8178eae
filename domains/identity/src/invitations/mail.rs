//! The text of the mail: plain text, in English for now.

use bk_contracts::{mail::Mail, tenants::TenantSettings};

use super::invitation::{InvitationToken, TOKEN_LIFETIME};
use crate::users::{User, UserKind};

/// Writes the mail. Its link leads to the tenant's own front end: to the first origin allowed for the
/// surface of the user's kind, or else to the deployment's public URL.
pub(super) fn compose(
    tenant: &TenantSettings,
    user: &User,
    token: &InvitationToken,
    public_url: &str,
) -> Mail {
    let origins = match user.kind {
        UserKind::Client => &tenant.origins.client,
        UserKind::Staff => &tenant.origins.admin,
    };
    let origin = origins.first().map_or(public_url, String::as_str).trim_end_matches('/');
    // Slugs and base64url need no escaping in a query.
    let link =
        format!("{origin}/invitations/accept?tenant={}&token={}", tenant.slug, token.expose());
    let days = TOKEN_LIFETIME.num_days();
    Mail {
        to: user.email.clone(),
        subject: format!("Your invitation to {}", one_line(&tenant.name)),
        text: format!(
            "Hello {name},\n\n\
             {tenant} has invited you. Open this link to choose your password:\n\n\
             {link}\n\n\
             Token: {token}\n\n\
             The link works once, for {days} days. If you did not expect this message, you can ignore it.\n",
            name = user.display_name,
            tenant = tenant.name,
            token = token.expose(),
        ),
    }
}

/// The text without line breaks, which the subject, being a header, must not have.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
