//! Inviting and accepting.

use bk_contracts::identity::{InviteError, UserDirectory};
use bk_testing::{Answer, Browser, Call, InProcess};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::fixture::{Fixture, PASSWORD, text};

const INVITATIONS: &str = "/admin/invitations";

/// A form that invites Kim.
fn form(roles: &[&str]) -> Value {
    json!({ "email": "kim@greenfork.test", "display_name": "Kim Carver", "roles": roles })
}

fn acceptance(tenant: &str, token: &str, password: &str) -> Value {
    json!({ "tenant": tenant, "token": token, "password": password })
}

/// Mails an invitation again.
async fn resend(by: &Browser<InProcess>, invitation: &Value) -> Answer {
    let path = format!("/api/v1{INVITATIONS}/{}/resend", text(invitation, "/id"));
    by.send(Call::post(path)).await
}

async fn withdraw(by: &Browser<InProcess>, invitation: &Value) -> Answer {
    by.delete(&format!("{INVITATIONS}/{}", text(invitation, "/id"))).await
}

impl Fixture {
    /// A browser in which the only owner of `greenfork` has logged in.
    async fn owner(&self) -> Browser<InProcess> {
        self.user("owner@greenfork.test", &["owner"]).await;
        self.logged_in_staff("owner@greenfork.test").await
    }

    /// The token of the last mail, once the queue has run.
    async fn mailed_token(&self) -> String {
        self.work().await;
        self.mailer.last_line("Token: ")
    }

    /// The payload of the job that mails the only invitation.
    async fn job_of_the_only_invitation(&self) -> Value {
        let ids = self.db.pairs("SELECT tenant_id::text, id::text FROM identity_invitations").await;
        let [(tenant, id)] = ids.as_slice() else { panic!("{ids:?}") };
        json!({ "tenant_id": tenant, "invitation_id": id })
    }

    /// Accepts as staff of `greenfork`.
    async fn accept(&self, token: &str, password: &str) -> Answer {
        let body = acceptance("greenfork", token, password);
        self.staff().post("/admin/auth/invitations/accept", &body).await
    }
}

#[actix_web::test]
async fn an_invited_person_gets_a_mail_sets_a_password_and_logs_in() {
    let fixture = Fixture::new().await;
    let id = fixture.invite(fixture.greenfork, "Kim@GreenFork.test", &["client"]).await.unwrap();
    let token = fixture.mailed_token().await;
    let mail = fixture.mailer.last();
    assert_eq!(mail.to, "kim@greenfork.test");
    let link =
        format!("https://app.greenfork.test/invitations/accept?tenant=greenfork&token={token}");
    assert!(mail.text.contains(&link), "{}", mail.text);

    let browser = fixture.client();
    let accept = async |password: &str| {
        let body = acceptance("greenfork", &token, password);
        browser.post("/client/auth/invitations/accept", &body).await
    };
    let accepted = accept(PASSWORD).await.ok();
    assert_eq!(text(&accepted, "/user/id"), id.to_string());
    assert_eq!(text(&accepted, "/tenant/slug"), "greenfork");
    browser.log_in("greenfork", "kim@greenfork.test", PASSWORD).await;
    assert_eq!(accept("yet another password").await.outcome(), "401 AUTH_INVALID");
    let entries = "SELECT actor_kind, (actor_id = subject_id::uuid)::text FROM audit_entries
                   WHERE action = 'invitation.accepted'";
    let by_the_person = [("client".to_owned(), "true".to_owned())];
    assert_eq!(fixture.db.pairs(entries).await, by_the_person);
}

#[actix_web::test]
async fn an_invitation_of_a_rolled_back_transaction_is_neither_stored_nor_mailed() {
    let fixture = Fixture::new().await;
    let ctx = fixture.system(fixture.greenfork);
    let new = fixture.new_user("kim@greenfork.test", &["kitchen"]);
    let input = (ctx.clone(), fixture.identity.clone(), new);
    let outcome: Result<(), InviteError> = fixture
        .db
        .app
        .transaction(&ctx, input, async |tx, (ctx, identity, new)| {
            identity.invite(&ctx, &tx, new).await?;
            Err(InviteError::EmailTaken)
        })
        .await;
    assert!(outcome.is_err());
    fixture.work().await;
    assert!(fixture.mailer.mails().is_empty());
    assert_eq!(fixture.db.number("SELECT count(*) FROM identity_users").await, 0);
}

#[actix_web::test]
async fn of_two_acceptances_at_once_one_wins() {
    let fixture = Fixture::new().await;
    fixture.invite(fixture.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    let token = fixture.mailed_token().await;
    let (first, second) = futures::future::join(
        fixture.accept(&token, "the first new password"),
        fixture.accept(&token, "the second new password"),
    )
    .await;
    let (winner, loser, password) = match first.status {
        200 => (first, second, "the first new password"),
        _ => (second, first, "the second new password"),
    };
    assert_eq!((winner.status, loser.outcome().as_str()), (200, "401 AUTH_INVALID"));
    fixture.staff().log_in("greenfork", "kim@greenfork.test", password).await;
}

#[actix_web::test]
async fn a_token_works_at_its_own_tenant_and_surface_only() {
    let fixture = Fixture::new().await;
    fixture.invite(fixture.northside, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    fixture.work().await;
    fixture.invite(fixture.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    let token = fixture.mailed_token().await;
    assert!(fixture.mailer.last().text.contains("tenant=greenfork"));
    for (browser, surface, slug) in [
        (fixture.staff(), "admin", "northside"),
        (fixture.staff(), "admin", "nowhere"),
        (fixture.client(), "client", "greenfork"),
    ] {
        let path = format!("/{surface}/auth/invitations/accept");
        let refused = browser.post(&path, &acceptance(slug, &token, PASSWORD)).await;
        assert_eq!(refused.outcome(), "401 AUTH_INVALID", "{slug}");
    }
    fixture.accept(&token, PASSWORD).await.done();
}

#[actix_web::test]
async fn a_token_expires_after_seven_days_and_a_weak_password_does_not_use_it_up() {
    let fixture = Fixture::new().await;
    fixture.invite(fixture.greenfork, "margaret@greenfork.test", &["kitchen"]).await.unwrap();
    let token = fixture.mailed_token().await;
    for (weak, message) in [
        ("too short", "use at least 12 characters"),
        ("password1234", "this password is too common"),
        ("margaret likes soup", "do not use your e-mail address in your password"),
    ] {
        let refused = fixture.accept(&token, weak).await;
        assert_eq!(refused.outcome(), "422 INPUT_INVALID");
        let body = refused.json();
        assert_eq!(text(&body, "/errors/0/pointer"), "/password");
        assert_eq!(text(&body, "/errors/0/message"), message);
    }
    fixture.pass(TimeDelta::days(7));
    assert_eq!(fixture.accept(&token, PASSWORD).await.outcome(), "401 AUTH_INVALID");
}

#[actix_web::test]
async fn a_new_invitation_says_where_its_member_is_and_in_which_version() {
    let fixture = Fixture::new().await;
    let owner = fixture.owner().await;
    let created = owner.post(INVITATIONS, &form(&["kitchen"])).await;
    assert_eq!(created.status, 201);
    let invitation = created.json();
    assert_eq!(invitation["expired"], false);
    let member = format!("/admin/members/{}", text(&invitation, "/user_id"));
    assert_eq!(created.header("location"), format!("/api/v1{member}"));
    let read = owner.get(&member).await;
    assert_eq!(read.header("etag"), created.header("etag"));
    assert_eq!(read.ok()["status"], "INVITED");
    let listed = owner.get(INVITATIONS).await.ok();
    assert_eq!(listed, json!({ "items": [invitation], "next_cursor": null }));
}

#[actix_web::test]
async fn sending_again_makes_the_first_token_worthless() {
    let fixture = Fixture::new().await;
    let owner = fixture.owner().await;
    let invitation = owner.post(INVITATIONS, &form(&["kitchen"])).await.ok();
    let first = fixture.mailed_token().await;
    resend(&owner, &invitation).await.done();
    let second = fixture.mailed_token().await;
    assert_eq!(fixture.mailer.mails().len(), 2);
    assert_eq!(fixture.accept(&first, PASSWORD).await.outcome(), "401 AUTH_INVALID");
    fixture.accept(&second, PASSWORD).await.done();
    let late = resend(&owner, &invitation).await;
    assert_eq!(late.outcome(), "409 STATE_CONFLICT");
    assert_eq!(text(&late.json(), "/detail"), "It is ACCEPTED.");
}

#[actix_web::test]
async fn a_mail_that_could_not_be_handed_over_is_sent_by_the_next_run() {
    let fixture = Fixture::new().await;
    fixture.invite(fixture.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    fixture.mailer.set_down(true);
    fixture.work().await;
    let unsent = "SELECT count(*) FROM identity_invitations WHERE sent_at IS NULL";
    assert_eq!(fixture.db.number(unsent).await, 1);
    fixture.mailer.set_down(false);
    fixture.work_on("invitation.send", fixture.job_of_the_only_invitation().await).await;
    assert_eq!(fixture.db.number(unsent).await, 0);
    fixture.accept(&fixture.mailer.last_line("Token: "), PASSWORD).await.done();
}

#[actix_web::test]
async fn a_repeated_job_after_the_acceptance_sends_nothing() {
    let fixture = Fixture::new().await;
    fixture.invite(fixture.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    let token = fixture.mailed_token().await;
    fixture.accept(&token, PASSWORD).await.done();
    fixture.work_on("invitation.send", fixture.job_of_the_only_invitation().await).await;
    assert_eq!(fixture.mailer.mails().len(), 1);
}

#[actix_web::test]
async fn a_member_invites_only_into_roles_within_their_own() {
    let fixture = Fixture::new().await;
    fixture.user("admin@greenfork.test", &["admin"]).await;
    let admin = fixture.logged_in_staff("admin@greenfork.test").await;
    for role in ["owner", "client"] {
        let refused = admin.post(INVITATIONS, &form(&[role])).await;
        assert_eq!(refused.outcome(), "403 FORBIDDEN", "{role}");
    }
    let unknown = admin.post(INVITATIONS, &form(&["kitchen", "pirate"])).await;
    assert_eq!(unknown.outcome(), "422 INPUT_INVALID");
    let message = "there is no role pirate to give here";
    assert_eq!(text(&unknown.json(), "/errors/0/message"), message);
    assert_eq!(fixture.db.number("SELECT count(*) FROM identity_users").await, 1);
    admin.post(INVITATIONS, &form(&["kitchen", "driver"])).await.done();
    let taken = admin.post(INVITATIONS, &form(&["kitchen"])).await;
    assert_eq!(taken.outcome(), "409 CONFLICT");
}

#[actix_web::test]
async fn a_withdrawn_invitation_frees_the_address_and_keeps_the_person() {
    let fixture = Fixture::new().await;
    let owner = fixture.owner().await;
    let first = owner.post(INVITATIONS, &form(&["kitchen"])).await.ok();
    let token = fixture.mailed_token().await;
    withdraw(&owner, &first).await.done();
    withdraw(&owner, &first).await.done();
    assert_eq!(fixture.accept(&token, PASSWORD).await.outcome(), "401 AUTH_INVALID");

    let second = owner.post(INVITATIONS, &form(&["driver"])).await.ok();
    assert_eq!(second["user_id"], first["user_id"]);
    assert_eq!(second["roles"], json!(["driver"]));
    let token = fixture.mailed_token().await;
    fixture.accept(&token, PASSWORD).await.done();
    assert_eq!(withdraw(&owner, &second).await.outcome(), "409 STATE_CONFLICT");
    let taken = owner.post(INVITATIONS, &form(&["kitchen"])).await;
    assert_eq!(taken.outcome(), "409 CONFLICT", "the address is in use now");
}

#[actix_web::test]
async fn a_disabled_invitee_can_be_invited_again() {
    let fixture = Fixture::new().await;
    let owner = fixture.owner().await;
    let first = owner.post(INVITATIONS, &form(&["kitchen"])).await.ok();
    let token = fixture.mailed_token().await;
    owner.delete(&format!("/admin/members/{}", text(&first, "/user_id"))).await.done();
    assert_eq!(fixture.accept(&token, PASSWORD).await.outcome(), "401 AUTH_INVALID");
    assert_eq!(owner.get(INVITATIONS).await.ok()["items"], json!([]));
    owner.post(INVITATIONS, &form(&["kitchen"])).await.done();
}
