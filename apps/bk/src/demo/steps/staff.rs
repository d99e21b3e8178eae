//! Step 2: the owner accepts the invitation, sets the schedule and invites the staff.

use serde_json::json;
use uuid::Uuid;

use bk_api::seed::{ADMIN_ORIGIN, CLIENT_ORIGIN};

use super::tenant::{TIME_ZONE, Tenant};
use crate::demo::{
    browser::Browser, failure::Failure, progress::StepResult, request::Request, server::DevServer,
    user::User,
};

/// The staff: local part of the e-mail address, role, name. A password must not contain the local part, and the demo
/// password contains `kitchen`, so the cook's address is another.
const STAFF: [(&str, &str, &str); 4] = [
    ("admin", "admin", "Ada Admin"),
    (COOK, "kitchen", "Kit Cook"),
    (MANAGER, "account_manager", "Max Manager"),
    (DRIVER, "driver", "Drew Driver"),
];

const MANAGER: &str = "manager";
pub(super) const COOK: &str = "cook";
pub(super) const DRIVER: &str = "driver";

/// The staff of the tenant.
#[derive(Debug)]
pub(in crate::demo) struct Staff {
    /// The owner's browser, logged in.
    pub(in crate::demo) owner: Browser,
    /// Id of the account manager's user.
    pub(in crate::demo) manager_id: String,
}

/// Accepts the owner's invitation, sets up the tenant and adds the staff.
pub(in crate::demo) async fn run(
    server: &DevServer,
    tenant: &Tenant,
) -> Result<StepResult<Staff>, Failure> {
    tenant.owner.accept_invitation(server).await?;
    let owner = tenant.owner.log_in(server).await?;
    let schedule = save_settings(&owner).await?;
    let mut manager_id = None;
    let mut messages = vec![format!("{} accepted and logged in", tenant.owner.email), schedule];
    for (local_part, role, name) in STAFF {
        let id = invite(&owner, &tenant.email(local_part), role, name).await?;
        if local_part == MANAGER {
            manager_id = Some(id);
        }
    }
    for (local_part, role, _) in STAFF {
        let user = User::staff(&tenant.slug, tenant.email(local_part));
        user.accept_invitation(server).await?;
        messages.push(format!("{} accepted ({role})", user.email));
    }
    let manager_id =
        manager_id.ok_or_else(|| Failure::Inconsistent("no manager was invited".to_owned()))?;
    Ok(StepResult { value: Staff { owner, manager_id }, messages })
}

/// Saves the schedule and the origins, and returns a message with the saved values.
async fn save_settings(owner: &Browser) -> Result<String, Failure> {
    let etag = owner.send(Request::get("/admin/settings")).await?.etag()?;
    let change = json!({
        "schedule": {
            "time_zone": TIME_ZONE,
            "window_opens": "FRI 12:00",
            "window_closes": "MON 00:00",
            "cutoff": "MON 09:00",
        },
        "origins": {"client": [CLIENT_ORIGIN], "admin": [ADMIN_ORIGIN]},
        "return_origins": [CLIENT_ORIGIN],
    });
    let response = owner.send(Request::patch("/admin/settings", change).if_match(etag)).await?;
    let settings = response.json()?;
    Ok(format!(
        "orders from {} to {}, cutoff {} ({}); payments return to {}",
        settings.text("/schedule/window_opens")?,
        settings.text("/schedule/window_closes")?,
        settings.text("/schedule/cutoff")?,
        settings.text("/schedule/time_zone")?,
        settings.texts("/return_origins")?.join(", "),
    ))
}

/// Invites a member of staff and returns the id of their user.
async fn invite(owner: &Browser, email: &str, role: &str, name: &str) -> Result<String, Failure> {
    let body = json!({"email": email, "display_name": name, "roles": [role]});
    let request = Request::post("/admin/invitations", body)
        .idempotency_key(Uuid::new_v4())
        .expecting_created();
    Ok(owner.send(request).await?.json()?.text("/user_id")?.to_owned())
}
