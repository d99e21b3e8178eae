//! Step 2: the owner moves in, sets the schedule, and invites the staff.

use serde_json::json;
use uuid::Uuid;

use bk_api::seed::{ADMIN_ORIGIN, CLIENT_ORIGIN};

use super::tenant::{Kitchen, TIME_ZONE};
use crate::demo::{
    ask::Ask, browser::Browser, failure::Failure, people::Person, progress::Done, stage::Stage,
};

/// Local part of the address, role, name. A password must not contain the local part, and the demo
/// password contains `kitchen`.
const INVITED: [(&str, &str, &str); 4] = [
    ("admin", "admin", "Ada Admin"),
    (COOK, "kitchen", "Kit Cook"),
    (MANAGER, "account_manager", "Max Manager"),
    (DRIVER, "driver", "Drew Driver"),
];

const MANAGER: &str = "manager";
/// Works in the kitchen.
pub(super) const COOK: &str = "cook";
/// Drives.
pub(super) const DRIVER: &str = "driver";

/// Who works in the kitchen.
#[derive(Debug)]
pub(in crate::demo) struct Staff {
    /// The owner, logged in.
    pub(in crate::demo) owner: Browser,
    /// The account manager's user.
    pub(in crate::demo) manager_id: String,
}

/// The owner moves in, with everybody they need.
pub(in crate::demo) async fn play(
    stage: &Stage,
    kitchen: &Kitchen,
) -> Result<Done<Staff>, Failure> {
    kitchen.owner.accept(stage).await?;
    let owner = kitchen.owner.log_in(stage).await?;
    let schedule = set_up(&owner).await?;
    let mut manager_id = None;
    let mut told = vec![format!("{} accepted and logged in", kitchen.owner.email), schedule];
    for (local_part, role, name) in INVITED {
        let id = invite(&owner, &kitchen.email(local_part), role, name).await?;
        if local_part == MANAGER {
            manager_id = Some(id);
        }
    }
    for (local_part, role, _) in INVITED {
        let person = Person::staff(&kitchen.slug, kitchen.email(local_part));
        person.accept(stage).await?;
        told.push(format!("{} accepted ({role})", person.email));
    }
    let manager_id =
        manager_id.ok_or_else(|| Failure::Wrong("nobody was invited as manager".to_owned()))?;
    Ok(Done { value: Staff { owner, manager_id }, told })
}

/// Saves schedule and origins, and reads them back.
async fn set_up(owner: &Browser) -> Result<String, Failure> {
    let etag = owner.ask(Ask::get("/admin/settings")).await?.etag()?;
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
    let answer = owner.ask(Ask::patch("/admin/settings", change).if_match(etag)).await?;
    let settings = answer.json()?;
    Ok(format!(
        "orders from {} to {}, cutoff {} ({}); payments return to {}",
        settings.text("/schedule/window_opens")?,
        settings.text("/schedule/window_closes")?,
        settings.text("/schedule/cutoff")?,
        settings.text("/schedule/time_zone")?,
        settings.texts("/return_origins")?.join(", "),
    ))
}

/// Invites somebody and tells their user's id.
async fn invite(owner: &Browser, email: &str, role: &str, name: &str) -> Result<String, Failure> {
    let body = json!({"email": email, "display_name": name, "roles": [role]});
    let ask = Ask::post("/admin/invitations", body).once(Uuid::new_v4()).creating();
    Ok(owner.ask(ask).await?.json()?.text("/user_id")?.to_owned())
}
