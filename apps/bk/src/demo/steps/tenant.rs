//! Step 1: an operator creates the tenant.

use bk_api::seed::OPERATOR;
use serde_json::json;
use uuid::Uuid;

use crate::demo::{
    failure::Failure, progress::StepResult, request::Request, server::DevServer, user::User,
};

/// Slug of the operators' tenant.
const PLATFORM_TENANT: &str = "platform";
/// Time zone of the new tenant.
pub(super) const TIME_ZONE: &str = "Australia/Sydney";
/// Currency of the new tenant.
pub(super) const CURRENCY: &str = "AUD";

/// The new tenant and its owner, who is invited.
#[derive(Debug)]
pub(in crate::demo) struct Tenant {
    pub(in crate::demo) id: String,
    pub(in crate::demo) slug: String,
    pub(in crate::demo) owner: User,
}

impl Tenant {
    /// Returns an e-mail address in the tenant's domain.
    pub(super) fn email(&self, local_part: &str) -> String {
        email(local_part, &self.slug)
    }
}

/// Creates a tenant and invites its owner.
pub(in crate::demo) async fn run(server: &DevServer) -> Result<StepResult<Tenant>, Failure> {
    let operator = User::staff(PLATFORM_TENANT, OPERATOR.to_owned());
    let browser = operator.log_in(server).await?;
    let slug = slug(Uuid::new_v4());
    let owner = User::staff(&slug, email("owner", &slug));
    let body = json!({
        "slug": slug,
        "name": "The Demo Table",
        "country": "AU",
        "currency": CURRENCY,
        "time_zone": TIME_ZONE,
        "owner": {"email": owner.email, "display_name": "Olive Owner"},
    });
    let request = Request::post("/platform/tenants", body)
        .idempotency_key(Uuid::new_v4())
        .expecting_created();
    let id = browser.send(request).await?.json()?.text("/id")?.to_owned();
    let messages = vec![
        format!("{OPERATOR} created {slug} in {TIME_ZONE}, {CURRENCY}: {id}"),
        format!("{} is invited to own it", owner.email),
    ];
    Ok(StepResult { value: Tenant { id, slug, owner }, messages })
}

/// Returns a slug made of a random id, so that every demo creates a tenant of its own.
fn slug(id: Uuid) -> String {
    let hex = id.simple().to_string();
    format!("demo-{}", hex.get(..10).unwrap_or(&hex))
}

fn email(local_part: &str, slug: &str) -> String {
    format!("{local_part}@{slug}.test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_valid_and_differ() {
        let (one, other) = (slug(Uuid::new_v4()), slug(Uuid::new_v4()));
        assert_ne!(one, other);
        assert!(one.len() <= 40);
        assert!(one.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    }
}
