//! What staff do with the members of their tenant.

use bk_contracts::identity::SessionAuthority;
use bk_kernel::{Surface, UserId};
use serde_json::json;

use crate::support::{Answer, Browser, PASSWORD, World};

impl Browser<'_> {
    async fn member(&mut self, id: UserId) -> Answer {
        let member = self.get(&format!("/members/{id}")).await;
        assert_eq!(member.status, 200, "{member:?}");
        member
    }

    /// Gives a member other roles, as read just before.
    async fn give(&mut self, id: UserId, roles: &[&str]) -> Answer {
        let etag = self.member(id).await.header("etag").to_owned();
        self.put(&format!("/members/{id}/roles"), &etag, json!({ "roles": roles })).await
    }

    async fn disable(&mut self, id: UserId) -> Answer {
        self.delete(&format!("/members/{id}")).await
    }
}

/// Where and why a field was refused.
fn refused_field(answer: &Answer) -> (u16, &str, &str) {
    (answer.status.as_u16(), answer.text("/errors/0/pointer"), answer.text("/errors/0/code"))
}

#[actix_web::test]
async fn new_roles_are_in_force_in_running_sessions_at_once() {
    let world = World::new().await;
    world.user("owner@greenfork.test", &["owner"]).await;
    let id = world.user("kim@greenfork.test", &["kitchen"]).await;
    let mut owner = world.logged_in_admin("owner@greenfork.test").await;
    let token = world.logged_in_admin("kim@greenfork.test").await.token();
    let may_read = async || {
        let actor = world.actor(Surface::Admin, &token).await.unwrap();
        actor.permissions.contains("members.read")
    };
    assert!(!may_read().await);

    let member = owner.give(id, &["kitchen", "admin", "kitchen"]).await;
    assert_eq!(member.body["roles"], json!(["admin", "kitchen"]), "{member:?}");
    assert!(may_read().await);

    let path = format!("/members/{id}/roles");
    let stale = owner.put(&path, "\"1\"", json!({ "roles": ["driver"] })).await;
    assert_eq!(stale.refusal(), (412, "PRECONDITION_FAILED"));
    let current = member.header("etag");
    assert_eq!(owner.put(&path, current, json!({ "roles": ["driver"] })).await.status, 200);
}

#[actix_web::test]
async fn a_member_gives_and_takes_only_roles_within_their_own() {
    let world = World::new().await;
    let owner = world.user("owner@greenfork.test", &["owner"]).await;
    world.user("second@greenfork.test", &["owner"]).await;
    let kim = world.user("kim@greenfork.test", &["kitchen"]).await;
    let ada = world.user("ada@greenfork.test", &["client"]).await;
    world.user("admin@greenfork.test", &["admin"]).await;
    let mut admin = world.logged_in_admin("admin@greenfork.test").await;
    assert_eq!(admin.give(kim, &["owner"]).await.refusal(), (403, "FORBIDDEN"));
    assert_eq!(admin.give(owner, &["kitchen"]).await.refusal(), (403, "FORBIDDEN"));
    assert_eq!(admin.disable(owner).await.refusal(), (403, "FORBIDDEN"));
    for (id, roles) in [(kim, ["client"]), (ada, ["kitchen"])] {
        let refused = admin.give(id, &roles).await;
        assert_eq!(refused_field(&refused), (422, "/roles", "choice"));
    }
    let unknown = admin.give(kim, &["pirate"]).await;
    assert_eq!(refused_field(&unknown), (422, "/roles", "reference"));
    assert_eq!(admin.disable(UserId::new()).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(world.db.number("SELECT count(*) FROM audit_entries").await, 0);
}

#[actix_web::test]
async fn another_tenants_member_does_not_exist() {
    let world = World::new().await;
    world.user("owner@greenfork.test", &["owner"]).await;
    let zoe = world.user_of(world.northside, "zoe@northside.test", &["kitchen"]).await;
    let mut owner = world.logged_in_admin("owner@greenfork.test").await;
    assert_eq!(owner.disable(zoe).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(owner.get(&format!("/members/{zoe}")).await.refusal(), (404, "NOT_FOUND"));
}

#[actix_web::test]
async fn a_disabled_member_is_out_at_once_and_stays_out() {
    let world = World::new().await;
    world.user("owner@greenfork.test", &["owner"]).await;
    let kim = world.user("kim@greenfork.test", &["kitchen"]).await;
    let mut owner = world.logged_in_admin("owner@greenfork.test").await;
    let token = world.logged_in_admin("kim@greenfork.test").await.token();
    assert!(world.actor(Surface::Admin, &token).await.is_some());
    assert_eq!(owner.disable(kim).await.status, 204);
    assert!(world.actor(Surface::Admin, &token).await.is_none());
    let login = world.admin().log_in("kim@greenfork.test", PASSWORD).await;
    assert_eq!(login.refusal(), (401, "AUTH_INVALID"));
    assert_eq!(owner.disable(kim).await.status, 204);
    assert_eq!(owner.member(kim).await.body["status"], "DISABLED");
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'member.disabled'";
    assert_eq!(world.db.number(audited).await, 1);
    let given = owner.give(kim, &["driver"]).await;
    assert_eq!(given.refusal(), (409, "STATE_CONFLICT"));
}

#[actix_web::test]
async fn the_last_owner_is_neither_disabled_nor_demoted() {
    let world = World::new().await;
    let id = world.user("owner@greenfork.test", &["owner"]).await;
    let mut owner = world.logged_in_admin("owner@greenfork.test").await;
    assert_eq!(owner.disable(id).await.refusal(), (409, "LAST_OWNER"));
    assert_eq!(owner.give(id, &["admin"]).await.refusal(), (409, "LAST_OWNER"));
    assert_eq!(owner.give(id, &["admin", "owner"]).await.status, 200);
    world.user("admin@greenfork.test", &["admin"]).await;
    let mut admin = world.logged_in_admin("admin@greenfork.test").await;
    assert_eq!(admin.disable(id).await.refusal(), (409, "LAST_OWNER"));
}

#[actix_web::test]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    let world = World::new().await;
    let first = world.user("first@greenfork.test", &["owner"]).await;
    let second = world.user("second@greenfork.test", &["owner"]).await;
    let mut by_first = world.logged_in_admin("first@greenfork.test").await;
    let mut by_second = world.logged_in_admin("second@greenfork.test").await;
    let (demoted, disabled) =
        futures::future::join(by_first.give(second, &["kitchen"]), by_second.disable(first)).await;
    let outcomes = (demoted.status.as_u16(), disabled.status.as_u16());
    match outcomes {
        (200, _) => assert_eq!(disabled.refusal(), (409, "LAST_OWNER")),
        (_, 204) => assert_eq!(demoted.refusal(), (409, "LAST_OWNER")),
        _ => panic!("{demoted:?} {disabled:?}"),
    }
}

#[actix_web::test]
async fn members_are_listed_by_kind_in_pages() {
    let world = World::new().await;
    world.user("owner@greenfork.test", &["owner"]).await;
    for n in 0..3 {
        world.user(&format!("kim{n}@greenfork.test"), &["kitchen"]).await;
    }
    world.user("ada@greenfork.test", &["client"]).await;
    let mut owner = world.logged_in_admin("owner@greenfork.test").await;
    let count = |page: &Answer| page.body["items"].as_array().map(Vec::len);
    let first = owner.get("/members?limit=3").await;
    assert_eq!(count(&first), Some(3));
    assert_eq!(first.body["items"][0]["roles"], json!(["owner"]));
    let cursor = first.text("/next_cursor");
    let second = owner.get(&format!("/members?limit=3&kind=STAFF&cursor={cursor}")).await;
    assert_eq!((count(&second), &second.body["next_cursor"]), (Some(1), &json!(null)));
    assert_eq!(count(&owner.get("/members?kind=CLIENT").await), Some(1));
}

#[actix_web::test]
async fn a_member_is_out_in_this_instance_before_any_notice_arrives() {
    let world = World::new().await;
    world.user("owner@greenfork.test", &["owner"]).await;
    let kim = world.user("kim@greenfork.test", &["kitchen"]).await;
    let mut owner = world.logged_in_admin("owner@greenfork.test").await;
    let token = world.logged_in_admin("kim@greenfork.test").await.token();
    assert!(world.actor(Surface::Admin, &token).await.is_some());
    assert!(world.identity.known(Surface::Admin, &token).is_some());
    assert_eq!(owner.disable(kim).await.status, 204);
    assert!(world.identity.known(Surface::Admin, &token).is_none());
}
