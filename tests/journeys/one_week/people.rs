//! Who is there: the operator, the owner, their team, a customer; and how they get in.

use bk_kernel::Surface;
use bk_tests::{Browser, TestServer, people::invitation_token};
use serde_json::{Value, json};

use super::{PASSWORD, SALTBUSH, id};

/// The owner's people, logged in.
pub struct Team {
    pub kitchen: Browser,
    pub manager: Browser,
    pub driver: Browser,
}

/// An operator creates the kitchen; its owner accepts the invitation and sets the schedule.
pub async fn found_kitchen(server: &TestServer) -> Browser {
    let operator = server.operator().await;
    let new = json!({
        "slug": SALTBUSH, "name": "Saltbush Kitchen", "country": "AU", "currency": "AUD",
        "time_zone": "Australia/Brisbane",
        "owner": {"email": "owner@saltbush.test", "display_name": "Ada Saltbush"},
    });
    let created = operator.post("/platform/tenants", &new).await.ok();
    assert_eq!(created["setup"], "PENDING");
    let again = operator.post("/platform/tenants", &new).await;
    assert_eq!(again.outcome(), "409 CONFLICT", "a slug is taken once");

    let owner = arrive(server, Surface::Admin, "owner@saltbush.test").await;
    let schedule = json!({
        "schedule": {
            "time_zone": "Australia/Sydney", "window_opens": "FRI 12:00",
            "window_closes": "MON 00:00", "cutoff": "MON 09:00",
        },
        "return_origins": ["http://localhost:3000"],
    });
    let settings = owner.update("PATCH", "/admin/settings", &schedule).await.ok();
    assert_eq!(settings["schedule"]["time_zone"], "Australia/Sydney");
    assert_eq!(owner.get("/admin/tenant").await.ok()["setup"], "COMPLETE");
    server.run_job("weeks.generate").await;
    owner
}

/// The owner invites staff; each accepts and logs in.
pub async fn invite_team(server: &TestServer, owner: &Browser) -> Team {
    for (login, role) in
        [("kitchen", "kitchen"), ("manager", "account_manager"), ("driver", "driver")]
    {
        let guest = json!({
            "email": format!("{login}@saltbush.test"), "display_name": login, "roles": [role],
        });
        owner.post("/admin/invitations", &guest).await.done();
    }
    let arrive =
        async |login: &str| arrive(server, Surface::Admin, &format!("{login}@saltbush.test")).await;
    let team = Team {
        kitchen: arrive("kitchen").await,
        manager: arrive("manager").await,
        driver: arrive("driver").await,
    };
    let guest = json!({
        "email": "friend@saltbush.test", "display_name": "A friend", "roles": ["owner"],
    });
    let refused = team.kitchen.post("/admin/invitations", &guest).await;
    assert_eq!(refused.outcome(), "403 FORBIDDEN", "a cook invites nobody");
    team
}

/// The owner opens an account with its customer, who accepts and logs in.
pub async fn open_account(server: &TestServer, owner: &Browser, team: &Team) -> (Value, Browser) {
    let manager = team.manager.get("/admin/auth/me").await.ok();
    let account = json!({
        "name": "The Harper household", "tier": "MID",
        "manager_user_id": manager["user"]["id"],
        "address": {
            "line1": "12 Jacaranda Street", "city": "New Farm", "region": "QLD",
            "postcode": "4005", "country": "AU",
        },
        "delivery_notes": "Leave at the side door",
        "client": {"email": "sam@saltbush.test", "display_name": "Sam Harper"},
    });
    let account = owner.post("/admin/accounts", &account).await.ok();
    assert_eq!(account["status"], "ACTIVE");
    let assigned = team.manager.get(&format!("/admin/accounts/{}", id(&account))).await;
    assert_eq!(assigned.outcome(), "200", "the manager sees the account");
    (account, arrive(server, Surface::Client, "sam@saltbush.test").await)
}

/// A person opens the invitation that was mailed to them, chooses a password and logs in.
async fn arrive(server: &TestServer, surface: Surface, email: &str) -> Browser {
    let token = invitation_token(server, email).await;
    let browser = server.visitor(surface);
    let accept = json!({"tenant": SALTBUSH, "token": token, "password": PASSWORD});
    let path = format!("/{surface}/auth/invitations/accept");
    browser.post(&path, &accept).await.done();
    let twice = browser.post(&path, &accept).await;
    assert_eq!(twice.outcome(), "401 AUTH_INVALID", "an invitation is accepted once");
    browser.log_in(SALTBUSH, email, PASSWORD).await;
    browser
}
