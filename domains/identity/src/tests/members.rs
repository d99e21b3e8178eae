//! What staff do with members.

use bk_contracts::identity::UserDirectory;
use bk_kernel::{Limit, Surface, UserId};
use bk_persistence::DbError;

use super::{PASSWORD, Stage, permit};
use crate::{
    members::{
        By, ChangeRoles, ChangeRolesError, DisableError, change_roles, disable_member,
        list_members, read_member,
    },
    sessions::LoginError,
    users::{Member, UserKind, UserStatus},
};

impl Stage {
    async fn member(&self, by: &By, id: UserId) -> Member {
        let tenant = by.actor.tenant_id;
        read_member(&self.identity, permit(by), tenant, id).await.unwrap().unwrap()
    }

    async fn give(&self, by: &By, id: UserId, roles: &[&str]) -> Result<Member, ChangeRolesError> {
        let version = self.member(by, id).await.user.version;
        let roles = roles.iter().map(ToString::to_string).collect();
        let change = ChangeRoles { id, roles, version };
        change_roles(&self.identity, permit(by), by.clone(), change).await
    }

    async fn disable(&self, by: &By, id: UserId) -> Result<(), DisableError> {
        disable_member(&self.identity, permit(by), by.clone(), id).await
    }
}

#[tokio::test]
async fn new_roles_are_in_force_in_running_sessions_at_once() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    let kim = stage.user("kim@greenfork.test", &["kitchen"]).await;
    let by = stage.by("owner@greenfork.test").await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    assert!(
        !stage.actor(Surface::Admin, &token).await.unwrap().permissions.contains("members.read")
    );

    let member = stage.give(&by, kim, &["kitchen", "admin", "kitchen"]).await.unwrap();
    assert_eq!(member.roles, ["admin", "kitchen"]);
    assert!(
        stage.actor(Surface::Admin, &token).await.unwrap().permissions.contains("members.read")
    );

    let outdated = ChangeRoles { id: kim, roles: vec!["driver".to_owned()], version: 1 };
    let refused = change_roles(&stage.identity, permit(&by), by.clone(), outdated).await;
    assert!(matches!(refused, Err(ChangeRolesError::Stale)));
}

#[tokio::test]
async fn nobody_gives_or_takes_roles_beyond_their_own() {
    let stage = Stage::set().await;
    let owner = stage.user("owner@greenfork.test", &["owner"]).await;
    stage.user("second@greenfork.test", &["owner"]).await;
    let kim = stage.user("kim@greenfork.test", &["kitchen"]).await;
    let ada = stage.user("ada@greenfork.test", &["client"]).await;
    stage.user("admin@greenfork.test", &["admin"]).await;
    let by = stage.by("admin@greenfork.test").await;
    assert!(matches!(stage.give(&by, kim, &["owner"]).await, Err(ChangeRolesError::Forbidden)));
    assert!(matches!(stage.give(&by, owner, &["kitchen"]).await, Err(ChangeRolesError::Forbidden)));
    assert!(matches!(stage.disable(&by, owner).await, Err(DisableError::Forbidden)));
    assert!(matches!(stage.give(&by, kim, &["client"]).await, Err(ChangeRolesError::WrongKind)));
    assert!(matches!(stage.give(&by, ada, &["kitchen"]).await, Err(ChangeRolesError::WrongKind)));
    assert!(matches!(
        stage.give(&by, kim, &["pirate"]).await,
        Err(ChangeRolesError::UnknownRole(_))
    ));
    assert!(matches!(stage.disable(&by, UserId::new()).await, Err(DisableError::NotFound)));
    assert_eq!(stage.count("SELECT count(*) FROM audit_entries").await, 0);
}

#[tokio::test]
async fn another_tenants_member_does_not_exist() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    let zoe = stage.user_of(stage.northside, "zoe@northside.test", &["kitchen"]).await;
    let by = stage.by("owner@greenfork.test").await;
    assert!(matches!(stage.disable(&by, zoe).await, Err(DisableError::NotFound)));
    let read = read_member(&stage.identity, permit(&by), stage.greenfork, zoe).await.unwrap();
    assert!(read.is_none());
}

#[tokio::test]
async fn a_disabled_member_is_out_at_once_and_stays_out() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    let kim = stage.user("kim@greenfork.test", &["kitchen"]).await;
    let by = stage.by("owner@greenfork.test").await;
    let token = stage.token(Surface::Admin, "kim@greenfork.test").await;
    assert!(stage.actor(Surface::Admin, &token).await.is_some());
    stage.disable(&by, kim).await.unwrap();
    assert!(stage.actor(Surface::Admin, &token).await.is_none());
    let login = stage.log_in(Surface::Admin, "kim@greenfork.test", PASSWORD).await;
    assert!(matches!(login, Err(LoginError::Refused)));
    stage.disable(&by, kim).await.unwrap();
    assert_eq!(stage.member(&by, kim).await.user.status, UserStatus::Disabled);
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'member.disabled'";
    assert_eq!(stage.count(audited).await, 1);
    assert!(matches!(stage.give(&by, kim, &["driver"]).await, Err(ChangeRolesError::Disabled)));
}

#[tokio::test]
async fn the_last_owner_is_neither_disabled_nor_demoted() {
    let stage = Stage::set().await;
    let owner = stage.user("owner@greenfork.test", &["owner"]).await;
    let by = stage.by("owner@greenfork.test").await;
    assert!(matches!(stage.disable(&by, owner).await, Err(DisableError::LastOwner)));
    assert!(matches!(stage.give(&by, owner, &["admin"]).await, Err(ChangeRolesError::LastOwner)));
    stage.give(&by, owner, &["admin", "owner"]).await.unwrap();
    stage.user("admin@greenfork.test", &["admin"]).await;
    let by = stage.by("admin@greenfork.test").await;
    assert!(matches!(stage.disable(&by, owner).await, Err(DisableError::LastOwner)));
}

#[tokio::test]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    let stage = Stage::set().await;
    let first = stage.user("first@greenfork.test", &["owner"]).await;
    let second = stage.user("second@greenfork.test", &["owner"]).await;
    let by_first = stage.by("first@greenfork.test").await;
    let by_second = stage.by("second@greenfork.test").await;
    let (demoted, disabled) = futures::future::join(
        stage.give(&by_first, second, &["kitchen"]),
        stage.disable(&by_second, first),
    )
    .await;
    match (demoted, disabled) {
        (Ok(_), Err(DisableError::LastOwner)) | (Err(ChangeRolesError::LastOwner), Ok(())) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn members_are_listed_by_kind_in_pages() {
    let stage = Stage::set().await;
    stage.user("owner@greenfork.test", &["owner"]).await;
    for n in 0..3 {
        stage.user(&format!("kim{n}@greenfork.test"), &["kitchen"]).await;
    }
    stage.user("ada@greenfork.test", &["client"]).await;
    let by = stage.by("owner@greenfork.test").await;
    let page = async |kind, after| {
        let limit = Limit::new(3).unwrap();
        let tenant = stage.greenfork;
        list_members(&stage.identity, permit(&by), tenant, kind, limit, after).await.unwrap()
    };
    let first = page(UserKind::Staff, None).await;
    assert_eq!(first.items.len(), 3);
    assert_eq!(first.items[0].roles, ["owner"]);
    let after = bk_kernel::Cursor::decode(first.next_cursor.as_deref().unwrap());
    let second = page(UserKind::Staff, after).await;
    assert_eq!((second.items.len(), second.next_cursor), (1, None));
    assert_eq!(page(UserKind::Client, None).await.items.len(), 1);
}

#[tokio::test]
async fn the_directory_tells_names_and_whether_a_role_is_held() {
    let stage = Stage::set().await;
    let kim = stage.user("kim@greenfork.test", &["kitchen"]).await;
    let zoe = stage.user_of(stage.northside, "zoe@northside.test", &["driver"]).await;
    let identity = stage.identity.clone();
    let outcome: Result<_, DbError> = stage
        .db
        .app
        .tenant(stage.greenfork)
        .run(async move |tx| {
            let kitchen = identity.role_in_use(&tx, "kitchen").await?;
            let driver = identity.role_in_use(&tx, "driver").await?;
            Ok((identity.summaries(&tx, &[kim, zoe]).await?, kitchen, driver))
        })
        .await;
    let (people, kitchen, driver) = outcome.unwrap();
    assert_eq!(people.iter().map(|person| person.id).collect::<Vec<_>>(), [kim]);
    assert!(kitchen);
    assert!(!driver, "the other tenant's driver does not count");
}
