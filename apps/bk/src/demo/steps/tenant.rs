//! Step 1: an operator creates the kitchen.

use bk_api::seed::OPERATOR;
use serde_json::json;
use uuid::Uuid;

use crate::demo::{ask::Ask, failure::Failure, people::Person, progress::Done, stage::Stage};

/// The tenant of the operators.
const PLATFORM: &str = "platform";
/// Where the kitchen is.
pub(super) const TIME_ZONE: &str = "Australia/Sydney";
/// What it is paid in.
pub(super) const CURRENCY: &str = "AUD";

/// The new kitchen.
#[derive(Debug)]
pub(in crate::demo) struct Kitchen {
    pub(in crate::demo) id: String,
    pub(in crate::demo) slug: String,
    pub(in crate::demo) owner: Person,
}

impl Kitchen {
    /// An address at this kitchen.
    pub(super) fn email(&self, local_part: &str) -> String {
        email(local_part, &self.slug)
    }
}

/// Creates a kitchen that no one else has.
pub(in crate::demo) async fn play(stage: &Stage) -> Result<Done<Kitchen>, Failure> {
    let operator = Person::staff(PLATFORM, OPERATOR.to_owned());
    let browser = operator.log_in(stage).await?;
    let slug = slug(Uuid::new_v4());
    let owner = Person::staff(&slug, email("owner", &slug));
    let body = json!({
        "slug": slug,
        "name": "The Demo Table",
        "country": "AU",
        "currency": CURRENCY,
        "time_zone": TIME_ZONE,
        "owner": {"email": owner.email, "display_name": "Olive Owner"},
    });
    let ask = Ask::post("/platform/tenants", body).once(Uuid::new_v4()).creating();
    let id = browser.ask(ask).await?.json()?.text("/id")?.to_owned();
    let told = vec![
        format!("{OPERATOR} created {slug} in {TIME_ZONE}, {CURRENCY}: {id}"),
        format!("{} is invited to own it", owner.email),
    ];
    Ok(Done { value: Kitchen { id, slug, owner }, told })
}

/// A slug that only a fresh id has.
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
    fn slugs_differ_and_are_slugs() {
        let (one, other) = (slug(Uuid::new_v4()), slug(Uuid::new_v4()));
        assert_ne!(one, other);
        assert!(one.len() <= 40);
        assert!(one.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    }
}
