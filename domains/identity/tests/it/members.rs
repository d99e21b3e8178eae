//! What staff do with the members of their tenant.

use bk_contracts::identity::SessionAuthority;
use bk_kernel::{Surface, UserId};
use bk_testing::{Answer, Browser, Call, InProcess};
use serde_json::{Value, json};

use crate::fixture::{Fixture, PASSWORD, staff_token, text};

fn path_of(id: UserId) -> String {
    format!("/admin/members/{id}")
}

/// Gives a member other roles, as read just before.
async fn give(by: &Browser<InProcess>, id: UserId, roles: &[&str]) -> Answer {
    let read = by.get(&path_of(id)).await;
    give_at(by, id, read.header("etag"), roles).await
}

async fn give_at(by: &Browser<InProcess>, id: UserId, etag: &str, roles: &[&str]) -> Answer {
    let call = Call::put(format!("/api/v1{}/roles", path_of(id)));
    by.send(call.json(&json!({ "roles": roles })).if_match(etag)).await
}

async fn disable(by: &Browser<InProcess>, id: UserId) -> Answer {
    by.delete(&path_of(id)).await
}

/// Which field was refused and why.
fn refused_field(answer: &Answer) -> String {
    let body = answer.json();
    format!("{} {}", text(&body, "/errors/0/pointer"), text(&body, "/errors/0/code"))
}

#[actix_web::test]
async fn new_roles_are_in_force_in_running_sessions_at_once() {
    let fixture = Fixture::new().await;
    fixture.user("owner@greenfork.test", &["owner"]).await;
    let id = fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let owner = fixture.logged_in_staff("owner@greenfork.test").await;
    let token = staff_token(&fixture.logged_in_staff("kim@greenfork.test").await);
    let may_read = async || {
        let actor = fixture.actor(Surface::Admin, &token).await.unwrap();
        actor.permissions.contains("members.read")
    };
    assert!(!may_read().await);

    let changed = give(&owner, id, &["kitchen", "admin", "kitchen"]).await;
    assert_eq!(changed.ok()["roles"], json!(["admin", "kitchen"]));
    assert!(may_read().await);

    let stale = give_at(&owner, id, "\"1\"", &["driver"]).await;
    assert_eq!(stale.outcome(), "412 PRECONDITION_FAILED");
    give_at(&owner, id, changed.header("etag"), &["driver"]).await.done();
}

#[actix_web::test]
async fn a_member_gives_and_takes_only_roles_within_their_own() {
    let fixture = Fixture::new().await;
    let owner = fixture.user("owner@greenfork.test", &["owner"]).await;
    fixture.user("second@greenfork.test", &["owner"]).await;
    let kim = fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let ada = fixture.user("ada@greenfork.test", &["client"]).await;
    fixture.user("admin@greenfork.test", &["admin"]).await;
    let admin = fixture.logged_in_staff("admin@greenfork.test").await;
    assert_eq!(give(&admin, kim, &["owner"]).await.outcome(), "403 FORBIDDEN");
    assert_eq!(give(&admin, owner, &["kitchen"]).await.outcome(), "403 FORBIDDEN");
    assert_eq!(disable(&admin, owner).await.outcome(), "403 FORBIDDEN");
    for (id, roles, refusal) in [
        (kim, ["client"], "/roles choice"),
        (ada, ["kitchen"], "/roles choice"),
        (kim, ["pirate"], "/roles reference"),
    ] {
        let refused = give(&admin, id, &roles).await;
        assert_eq!(refused.outcome(), "422 INPUT_INVALID");
        assert_eq!(refused_field(&refused), refusal);
    }
    assert_eq!(disable(&admin, UserId::new()).await.outcome(), "404 NOT_FOUND");
    assert_eq!(fixture.db.number("SELECT count(*) FROM audit_entries").await, 0);
}

#[actix_web::test]
async fn another_tenants_member_does_not_exist() {
    let fixture = Fixture::new().await;
    fixture.user("owner@greenfork.test", &["owner"]).await;
    let zoe = fixture.user_of(fixture.northside, "zoe@northside.test", &["kitchen"]).await;
    let owner = fixture.logged_in_staff("owner@greenfork.test").await;
    assert_eq!(disable(&owner, zoe).await.outcome(), "404 NOT_FOUND");
    assert_eq!(owner.get(&path_of(zoe)).await.outcome(), "404 NOT_FOUND");
}

#[actix_web::test]
async fn a_disabled_member_is_out_at_once_and_stays_out() {
    let fixture = Fixture::new().await;
    fixture.user("owner@greenfork.test", &["owner"]).await;
    let kim = fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let owner = fixture.logged_in_staff("owner@greenfork.test").await;
    let token = staff_token(&fixture.logged_in_staff("kim@greenfork.test").await);
    assert!(fixture.actor(Surface::Admin, &token).await.is_some());
    assert!(fixture.identity.known(Surface::Admin, &token).is_some());
    assert_eq!(disable(&owner, kim).await.status, 204);
    assert!(fixture.identity.known(Surface::Admin, &token).is_none(), "before any notice arrives");
    assert!(fixture.actor(Surface::Admin, &token).await.is_none());
    let login = fixture.staff().try_log_in("greenfork", "kim@greenfork.test", PASSWORD).await;
    assert_eq!(login.outcome(), "401 AUTH_INVALID");
    assert_eq!(disable(&owner, kim).await.status, 204);
    assert_eq!(owner.get(&path_of(kim)).await.ok()["status"], "DISABLED");
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'member.disabled'";
    assert_eq!(fixture.db.number(audited).await, 1);
    assert_eq!(give(&owner, kim, &["driver"]).await.outcome(), "409 STATE_CONFLICT");
}

#[actix_web::test]
async fn the_last_owner_is_neither_disabled_nor_demoted() {
    let fixture = Fixture::new().await;
    let id = fixture.user("owner@greenfork.test", &["owner"]).await;
    let owner = fixture.logged_in_staff("owner@greenfork.test").await;
    assert_eq!(disable(&owner, id).await.outcome(), "409 LAST_OWNER");
    assert_eq!(give(&owner, id, &["admin"]).await.outcome(), "409 LAST_OWNER");
    give(&owner, id, &["admin", "owner"]).await.done();
    fixture.user("admin@greenfork.test", &["admin"]).await;
    let admin = fixture.logged_in_staff("admin@greenfork.test").await;
    assert_eq!(disable(&admin, id).await.outcome(), "409 LAST_OWNER");
}

#[actix_web::test]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    let fixture = Fixture::new().await;
    let first = fixture.user("first@greenfork.test", &["owner"]).await;
    let second = fixture.user("second@greenfork.test", &["owner"]).await;
    let by_first = fixture.logged_in_staff("first@greenfork.test").await;
    let by_second = fixture.logged_in_staff("second@greenfork.test").await;
    let etag = by_first.get(&path_of(second)).await.header("etag").to_owned();
    // Both have passed the guard when they wait for the lock of who owns the tenant.
    let owners = format!("identity.owners {}", fixture.greenfork);
    let lock = format!("SELECT pg_advisory_xact_lock(hashtextextended('{owners}', 0))");
    let held = fixture.db.hold(lock).await;
    let release = async {
        fixture.db.waiting(2).await;
        drop(held);
    };
    let (demoted, disabled, ()) = futures::join!(
        give_at(&by_first, second, &etag, &["kitchen"]),
        disable(&by_second, first),
        release
    );
    let mut outcomes = [demoted.outcome(), disabled.outcome()];
    outcomes.sort();
    assert!(
        outcomes == ["200", "409 LAST_OWNER"] || outcomes == ["204", "409 LAST_OWNER"],
        "{outcomes:?}"
    );
}

#[actix_web::test]
async fn members_are_listed_by_kind_in_pages() {
    let fixture = Fixture::new().await;
    fixture.user("owner@greenfork.test", &["owner"]).await;
    for n in 0..3 {
        fixture.user(&format!("kim{n}@greenfork.test"), &["kitchen"]).await;
    }
    fixture.user("ada@greenfork.test", &["client"]).await;
    let owner = fixture.logged_in_staff("owner@greenfork.test").await;
    let page = async |query: &str| owner.get(&format!("/admin/members{query}")).await.ok();
    let count = |page: &Value| page["items"].as_array().map(Vec::len);
    let first = page("?limit=3").await;
    assert_eq!(count(&first), Some(3));
    assert_eq!(first["items"][0]["roles"], json!(["owner"]));
    let cursor = text(&first, "/next_cursor");
    let second = page(&format!("?limit=3&kind=STAFF&cursor={cursor}")).await;
    assert_eq!((count(&second), &second["next_cursor"]), (Some(1), &Value::Null));
    assert_eq!(count(&page("?kind=CLIENT").await), Some(1));
}
