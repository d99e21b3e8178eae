//! Inviting and accepting.

use bk_contracts::identity::{InviteError, UserDirectory};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, PASSWORD, World, token_of};

fn new_kim(roles: &[&str]) -> Value {
    json!({ "email": "kim@greenfork.test", "display_name": "Kim Carver", "roles": roles })
}

impl World {
    /// A browser in which the only owner of `greenfork` has logged in.
    async fn owner(&self) -> Browser<'_> {
        self.user("owner@greenfork.test", &["owner"]).await;
        self.logged_in_admin("owner@greenfork.test").await
    }

    /// Accepts as staff of `greenfork`.
    async fn accept(&self, token: &str, password: &str) -> Answer {
        self.admin().accept("greenfork", token, password).await
    }
}

#[actix_web::test]
async fn an_invited_person_gets_a_mail_sets_a_password_and_logs_in() {
    let world = World::new().await;
    let id = world.invite(world.greenfork, "Kim@GreenFork.test", &["client"]).await.unwrap();
    world.work().await;
    let mail = world.mailbox.last();
    let token = world.mailbox.last_token();
    assert_eq!(mail.to, "kim@greenfork.test");
    let link = format!("https://greenfork.test/invitations/accept?tenant=greenfork&token={token}");
    assert!(mail.text.contains(&link), "{}", mail.text);

    let mut browser = world.client();
    let accepted = browser.accept("greenfork", &token, PASSWORD).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(accepted.text("/user/id"), id.to_string());
    assert_eq!(accepted.text("/tenant/slug"), "greenfork");
    assert_eq!(browser.log_in("kim@greenfork.test", PASSWORD).await.status, 200);
    let again = browser.accept("greenfork", &token, "yet another password").await;
    assert_eq!(again.refusal(), (401, "AUTH_INVALID"));
    let entries = "SELECT actor_kind, (actor_id = subject_id::uuid)::text FROM audit_entries
                   WHERE action = 'invitation.accepted'";
    let by_the_person = [("client".to_owned(), "true".to_owned())];
    assert_eq!(world.db.pairs(entries).await, by_the_person);
}

#[actix_web::test]
async fn an_invitation_of_a_rolled_back_transaction_is_neither_stored_nor_mailed() {
    let world = World::new().await;
    let new = world.new_user("kim@greenfork.test", &["kitchen"]);
    let input = (world.identity.clone(), new);
    let outcome: Result<(), InviteError> = world
        .db
        .app
        .transaction(&world.system(world.greenfork), input, async |tx, (identity, new)| {
            identity.invite(&tx, new).await?;
            Err(InviteError::EmailTaken)
        })
        .await;
    assert!(outcome.is_err());
    world.work().await;
    assert!(world.mailbox.all().is_empty());
    assert_eq!(world.db.number("SELECT count(*) FROM identity_users").await, 0);
}

#[actix_web::test]
async fn of_two_acceptances_at_once_one_wins() {
    let world = World::new().await;
    world.invite(world.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    world.work().await;
    let token = world.mailbox.last_token();
    let (first, second) = futures::future::join(
        world.accept(&token, "the first new password"),
        world.accept(&token, "the second new password"),
    )
    .await;
    let (winner, loser, password) = match first.status.as_u16() {
        200 => (first, second, "the first new password"),
        _ => (second, first, "the second new password"),
    };
    assert_eq!((winner.status.as_u16(), loser.refusal()), (200, (401, "AUTH_INVALID")));
    assert_eq!(world.admin().log_in("kim@greenfork.test", password).await.status, 200);
}

#[actix_web::test]
async fn a_token_works_at_its_own_tenant_and_surface_only() {
    let world = World::new().await;
    world.invite(world.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    world.invite(world.northside, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    world.work().await;
    let mails = world.mailbox.all();
    let of_greenfork = mails.iter().find(|mail| mail.text.contains("tenant=greenfork")).unwrap();
    let token = token_of(of_greenfork);
    for (mut browser, slug) in
        [(world.admin(), "northside"), (world.admin(), "nowhere"), (world.client(), "greenfork")]
    {
        let refused = browser.accept(slug, &token, PASSWORD).await;
        assert_eq!(refused.refusal(), (401, "AUTH_INVALID"), "{slug}");
    }
    assert_eq!(world.accept(&token, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_token_expires_after_seven_days_and_a_weak_password_does_not_use_it_up() {
    let world = World::new().await;
    world.invite(world.greenfork, "margaret@greenfork.test", &["kitchen"]).await.unwrap();
    world.work().await;
    let token = world.mailbox.last_token();
    for (weak, message) in [
        ("too short", "use at least 12 characters"),
        ("password1234", "this password is too common"),
        ("margaret likes soup", "do not use your e-mail address in your password"),
    ] {
        let refused = world.accept(&token, weak).await;
        assert_eq!(refused.refusal(), (422, "INPUT_INVALID"));
        assert_eq!(refused.text("/errors/0/pointer"), "/password");
        assert_eq!(refused.text("/errors/0/message"), message);
    }
    world.pass(TimeDelta::days(7));
    assert_eq!(world.accept(&token, PASSWORD).await.refusal(), (401, "AUTH_INVALID"));
}

#[actix_web::test]
async fn a_new_invitation_says_where_its_member_is_and_in_which_version() {
    let world = World::new().await;
    let mut owner = world.owner().await;
    let invited = owner.post("/invitations", new_kim(&["kitchen"])).await;
    assert_eq!(invited.status, 201, "{invited:?}");
    assert_eq!(invited.body["expired"], false);
    let member = format!("/members/{}", invited.text("/user_id"));
    assert_eq!(invited.header("location"), format!("/api/v1/admin{member}"));
    let read = owner.get(&member).await;
    assert_eq!((read.header("etag"), read.text("/status")), (invited.header("etag"), "INVITED"));
    let listed = owner.get("/invitations").await;
    assert_eq!(listed.body["items"][0], invited.body);
    assert_eq!(listed.body["next_cursor"], json!(null));
}

#[actix_web::test]
async fn sending_again_makes_the_first_token_worthless() {
    let world = World::new().await;
    let mut owner = world.owner().await;
    let invited = owner.post("/invitations", new_kim(&["kitchen"])).await;
    world.work().await;
    let first = world.mailbox.last_token();
    let resent = owner.act(&format!("/invitations/{}/resend", invited.text("/id"))).await;
    assert_eq!(resent.status, 200, "{resent:?}");
    world.work().await;
    let second = world.mailbox.last_token();
    assert_eq!(world.mailbox.all().len(), 2);
    assert_eq!(world.accept(&first, PASSWORD).await.refusal(), (401, "AUTH_INVALID"));
    assert_eq!(world.accept(&second, PASSWORD).await.status, 200);
    let late = owner.act(&format!("/invitations/{}/resend", invited.text("/id"))).await;
    assert_eq!(late.refusal(), (409, "STATE_CONFLICT"));
    assert_eq!(late.text("/detail"), "It is ACCEPTED.");
}

#[actix_web::test]
async fn a_repeated_job_after_the_acceptance_sends_nothing() {
    let world = World::new().await;
    world.invite(world.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    world.work().await;
    let token = world.mailbox.last_token();
    assert_eq!(world.accept(&token, PASSWORD).await.status, 200);
    let ids = world.db.pairs("SELECT tenant_id::text, id::text FROM identity_invitations").await;
    let [(tenant, id)] = ids.as_slice() else { panic!("{ids:?}") };
    let payload = json!({ "tenant_id": tenant, "invitation_id": id });
    world.work_on("invitation.send", payload).await;
    assert_eq!(world.mailbox.all().len(), 1);
}

#[actix_web::test]
async fn a_member_invites_only_into_roles_within_their_own() {
    let world = World::new().await;
    world.user("admin@greenfork.test", &["admin"]).await;
    let mut admin = world.logged_in_admin("admin@greenfork.test").await;
    for role in ["owner", "client"] {
        let refused = admin.post("/invitations", new_kim(&[role])).await;
        assert_eq!(refused.refusal(), (403, "FORBIDDEN"), "{role}");
    }
    let unknown = admin.post("/invitations", new_kim(&["kitchen", "pirate"])).await;
    assert_eq!(unknown.text("/errors/0/pointer"), "/roles");
    assert_eq!(unknown.text("/errors/0/message"), "there is no role pirate to give here");
    assert_eq!(world.db.number("SELECT count(*) FROM identity_users").await, 1);
    assert_eq!(admin.post("/invitations", new_kim(&["kitchen", "driver"])).await.status, 201);
    let taken = admin.post("/invitations", new_kim(&["kitchen"])).await;
    assert_eq!(taken.refusal(), (409, "CONFLICT"));
}

#[actix_web::test]
async fn a_withdrawn_invitation_frees_the_address_and_keeps_the_person() {
    let world = World::new().await;
    let mut owner = world.owner().await;
    let first = owner.post("/invitations", new_kim(&["kitchen"])).await;
    world.work().await;
    let token = world.mailbox.last_token();
    let withdrawal = format!("/invitations/{}", first.text("/id"));
    assert_eq!(owner.delete(&withdrawal).await.status, 204);
    assert_eq!(owner.delete(&withdrawal).await.status, 204, "it is withdrawn already");
    assert_eq!(world.accept(&token, PASSWORD).await.refusal(), (401, "AUTH_INVALID"));

    let second = owner.post("/invitations", new_kim(&["driver"])).await;
    assert_eq!(second.text("/user_id"), first.text("/user_id"));
    assert_eq!(second.body["roles"], json!(["driver"]));
    world.work().await;
    let token = world.mailbox.last_token();
    assert_eq!(world.accept(&token, PASSWORD).await.status, 200);
    let late = owner.delete(&format!("/invitations/{}", second.text("/id"))).await;
    assert_eq!(late.refusal(), (409, "STATE_CONFLICT"));
    let taken = owner.post("/invitations", new_kim(&["kitchen"])).await;
    assert_eq!(taken.refusal(), (409, "CONFLICT"), "the address is in use now");
}

#[actix_web::test]
async fn a_disabled_invitee_can_be_invited_again() {
    let world = World::new().await;
    let mut owner = world.owner().await;
    let first = owner.post("/invitations", new_kim(&["kitchen"])).await;
    world.work().await;
    let token = world.mailbox.last_token();
    let member = format!("/members/{}", first.text("/user_id"));
    assert_eq!(owner.delete(&member).await.status, 204);
    assert_eq!(world.accept(&token, PASSWORD).await.refusal(), (401, "AUTH_INVALID"));
    assert_eq!(owner.get("/invitations").await.body["items"], json!([]));
    assert_eq!(owner.post("/invitations", new_kim(&["kitchen"])).await.status, 201);
}
