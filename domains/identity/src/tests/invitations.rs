//! Inviting and accepting.

use bk_contracts::identity::{InviteError, NewUser, UserDirectory};
use bk_kernel::{InvitationId, RequestId, Surface, TenantId, UserId};
use bk_persistence::jobs::{JobContext, JobHandler, Registry, Runner};
use chrono::TimeDelta;
use serde_json::json;

use super::{PASSWORD, Stage, permit, secret};
use crate::{
    invitations::{
        Accept, AcceptError, Accepted, InviteMember, InviteMemberError, SEND_JOB, SendInvitation,
        accept, invite_member, resend_invitation,
    },
    members::{DisableError, withdraw_invitation},
    passwords::Flaw,
    tenant::NamedTenant,
};

impl Stage {
    async fn invite(
        &self,
        tenant: TenantId,
        email: &str,
        roles: &[&str],
    ) -> Result<UserId, InviteError> {
        let new = NewUser {
            email: email.to_owned(),
            display_name: "Kim Carver".to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
            invited_by: None,
            request_id: None,
            at: self.clock.now(),
        };
        let identity = self.identity.clone();
        let scope = self.db.app.tenant(tenant);
        scope.run(async move |tx| identity.invite(&tx, new).await).await
    }

    /// Runs the queue until nothing is due.
    pub(super) async fn work(&self) {
        let mut registry = Registry::new();
        self.identity.jobs(&mut registry);
        let runner = Runner::new(self.db.worker.clone(), registry, self.clock.clone()).unwrap();
        runner.run_due_once().await.unwrap();
    }

    async fn accept(
        &self,
        surface: Surface,
        slug: &str,
        token: &str,
        password: &str,
    ) -> Result<Accepted, AcceptError> {
        let command = Accept {
            surface,
            tenant: NamedTenant::find(&self.identity, slug).await.unwrap(),
            token: secret(token),
            password: secret(password),
            now: self.clock.now(),
            request_id: RequestId::new(),
        };
        accept(&self.identity, command).await
    }
}

fn kitchen_hand() -> InviteMember {
    InviteMember {
        email: "kim@greenfork.test".to_owned(),
        display_name: "Kim Carver".to_owned(),
        roles: vec!["kitchen".to_owned()],
    }
}

#[tokio::test]
async fn an_invited_person_gets_a_mail_sets_a_password_and_logs_in() {
    let stage = Stage::set().await;
    let id = stage.invite(stage.greenfork, "Kim@GreenFork.test", &["client"]).await.unwrap();
    stage.work().await;
    let mail = stage.mailbox.last();
    let token = stage.mailbox.last_token();
    assert_eq!(mail.to, "kim@greenfork.test");
    let link = format!("https://greenfork.test/invitations/accept?tenant=greenfork&token={token}");
    assert!(mail.text.contains(&link), "{}", mail.text);

    let accepted = stage.accept(Surface::Client, "greenfork", &token, PASSWORD).await.unwrap();
    assert_eq!(accepted.user.id, id);
    stage.log_in(Surface::Client, "kim@greenfork.test", PASSWORD).await.unwrap();
    let again = stage.accept(Surface::Client, "greenfork", &token, "yet another password").await;
    assert!(matches!(again, Err(AcceptError::Refused)));
    assert_eq!(
        stage
            .count("SELECT count(*) FROM audit_entries WHERE action = 'invitation.accepted'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_invitation_of_a_rolled_back_transaction_is_neither_stored_nor_mailed() {
    let stage = Stage::set().await;
    let new = NewUser {
        email: "kim@greenfork.test".to_owned(),
        display_name: "Kim".to_owned(),
        roles: vec!["kitchen".to_owned()],
        invited_by: None,
        request_id: None,
        at: stage.clock.now(),
    };
    let identity = stage.identity.clone();
    let outcome: Result<(), InviteError> = stage
        .db
        .app
        .tenant(stage.greenfork)
        .run(async move |tx| {
            identity.invite(&tx, new).await?;
            Err(InviteError::EmailTaken)
        })
        .await;
    assert!(outcome.is_err());
    stage.work().await;
    assert_eq!(stage.mailbox.count(), 0);
    assert_eq!(stage.count("SELECT count(*) FROM identity_users").await, 0);
}

#[tokio::test]
async fn of_two_acceptances_at_once_one_wins() {
    let stage = Stage::set().await;
    stage.invite(stage.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    stage.work().await;
    let token = stage.mailbox.last_token();
    let (first, second) = futures::future::join(
        stage.accept(Surface::Admin, "greenfork", &token, "the first new password"),
        stage.accept(Surface::Admin, "greenfork", &token, "the second new password"),
    )
    .await;
    let winner = match (&first, &second) {
        (Ok(_), Err(AcceptError::Refused)) => "the first new password",
        (Err(AcceptError::Refused), Ok(_)) => "the second new password",
        other => panic!("{other:?}"),
    };
    stage.log_in(Surface::Admin, "kim@greenfork.test", winner).await.unwrap();
}

#[tokio::test]
async fn a_token_works_at_its_own_tenant_and_surface_only() {
    let stage = Stage::set().await;
    stage.invite(stage.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    stage.invite(stage.northside, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    stage.work().await;
    let sent = stage.mailbox.0.lock().unwrap().clone();
    let of_greenfork = sent.iter().find(|mail| mail.text.contains("tenant=greenfork")).unwrap();
    let token =
        of_greenfork.text.lines().find_map(|line| line.strip_prefix("Token: ")).unwrap().to_owned();
    for (surface, slug) in
        [(Surface::Admin, "northside"), (Surface::Admin, "nowhere"), (Surface::Client, "greenfork")]
    {
        let refused = stage.accept(surface, slug, &token, PASSWORD).await;
        assert!(matches!(refused, Err(AcceptError::Refused)), "{slug}");
    }
    stage.accept(Surface::Admin, "greenfork", &token, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_token_expires_after_seven_days_and_a_weak_password_does_not_use_it_up() {
    let stage = Stage::set().await;
    stage.invite(stage.greenfork, "margaret@greenfork.test", &["kitchen"]).await.unwrap();
    stage.work().await;
    let token = stage.mailbox.last_token();
    let weak = stage.accept(Surface::Admin, "greenfork", &token, "password1234").await;
    assert!(matches!(weak, Err(AcceptError::Password(Flaw::Common))));
    let own_name = stage.accept(Surface::Admin, "greenfork", &token, "margaret likes soup").await;
    assert!(matches!(own_name, Err(AcceptError::Password(Flaw::ContainsEmail))));
    stage.clock.move_to(stage.clock.now() + TimeDelta::days(7));
    let late = stage.accept(Surface::Admin, "greenfork", &token, PASSWORD).await;
    assert!(matches!(late, Err(AcceptError::Refused)));
}

#[tokio::test]
async fn sending_again_makes_the_first_token_worthless() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    let by = stage.by("owner@greenfork.test").await;
    let open =
        invite_member(&stage.identity, permit(&by), by.clone(), kitchen_hand()).await.unwrap();
    stage.work().await;
    let first = stage.mailbox.last_token();
    resend_invitation(&stage.identity, permit(&by), by.clone(), open.id).await.unwrap();
    stage.work().await;
    let second = stage.mailbox.last_token();
    assert_eq!(stage.mailbox.count(), 2);
    let old = stage.accept(Surface::Admin, "greenfork", &first, PASSWORD).await;
    assert!(matches!(old, Err(AcceptError::Refused)));
    stage.accept(Surface::Admin, "greenfork", &second, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_repeated_job_after_the_acceptance_sends_nothing() {
    let stage = Stage::set().await;
    stage.invite(stage.greenfork, "kim@greenfork.test", &["kitchen"]).await.unwrap();
    stage.work().await;
    let token = stage.mailbox.last_token();
    stage.accept(Surface::Admin, "greenfork", &token, PASSWORD).await.unwrap();
    let id: uuid::Uuid = sqlx::query_scalar("SELECT id FROM identity_invitations")
        .fetch_one(&stage.db.admin)
        .await
        .unwrap();
    let payload = json!({ "tenant_id": stage.greenfork, "invitation_id": InvitationId::from(id) });
    let at = stage.identity.clock().now();
    let job = JobContext::new(SEND_JOB, Some(stage.greenfork), RequestId::new(), at);
    SendInvitation(stage.identity.clone()).run(&job, payload).await.unwrap();
    assert_eq!(stage.mailbox.count(), 1);
}

#[tokio::test]
async fn nobody_invites_into_roles_that_permit_more_than_they_hold() {
    let stage = Stage::set().await;
    stage.user("admin@greenfork.test", &["admin"]).await;
    let by = stage.by("admin@greenfork.test").await;
    let invite = async |roles: &[&str]| {
        let roles = roles.iter().map(ToString::to_string).collect();
        let new = InviteMember { roles, ..kitchen_hand() };
        invite_member(&stage.identity, permit(&by), by.clone(), new).await
    };
    assert!(matches!(invite(&["owner"]).await, Err(InviteMemberError::Forbidden)));
    assert!(matches!(invite(&["client"]).await, Err(InviteMemberError::Forbidden)));
    assert!(matches!(
        invite(&["kitchen", "pirate"]).await,
        Err(InviteMemberError::Refused(InviteError::UnknownRole(role))) if role == "pirate"
    ));
    assert_eq!(stage.count("SELECT count(*) FROM identity_users").await, 1);
    invite(&["kitchen", "driver"]).await.unwrap();
    assert!(matches!(
        invite(&["kitchen"]).await,
        Err(InviteMemberError::Refused(InviteError::EmailTaken))
    ));
}

#[tokio::test]
async fn a_withdrawn_invitation_frees_the_address_and_keeps_the_person() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    let by = stage.by("owner@greenfork.test").await;
    let open =
        invite_member(&stage.identity, permit(&by), by.clone(), kitchen_hand()).await.unwrap();
    stage.work().await;
    let token = stage.mailbox.last_token();
    withdraw_invitation(&stage.identity, permit(&by), by.clone(), open.id).await.unwrap();
    let refused = stage.accept(Surface::Admin, "greenfork", &token, PASSWORD).await;
    assert!(matches!(refused, Err(AcceptError::Refused)));

    let again =
        invite_member(&stage.identity, permit(&by), by.clone(), kitchen_hand()).await.unwrap();
    assert_eq!(again.user_id, open.user_id);
    stage.work().await;
    let token = stage.mailbox.last_token();
    stage.accept(Surface::Admin, "greenfork", &token, PASSWORD).await.unwrap();
    let late = withdraw_invitation(&stage.identity, permit(&by), by.clone(), again.id).await;
    assert!(matches!(late, Err(DisableError::AlreadyAccepted)));
}
