//! Accounts: their references, their managers, their changes.

use std::{collections::BTreeSet, sync::Arc};

use bk_kernel::{AccountId, Actor, Limit, PresetId, UserId};
use bk_kitchen_accounts::accounts::{
    Account, AccountChanges, AccountStatus, AccountVersion, CreateAccountError, UpdateAccountError,
    account_of_user, assign_manager, get_account, list_accounts, update_account,
};
use bk_kitchen_core::Tier;
use bk_persistence::DbError;
use tokio::task::JoinSet;

use crate::fixture::{Fixture, acting};

async fn update(
    kitchen: &Fixture,
    actor: &Actor,
    (id, version): (AccountId, i64),
    changes: AccountChanges,
) -> Result<Account, UpdateAccountError> {
    let ctx = acting(actor);
    let read = AccountVersion { id, version };
    kitchen
        .kitchen
        .state()
        .db()
        .transaction(&ctx, (ctx.clone(), read, changes), async |tx, (ctx, read, changes)| {
            update_account(&ctx, &tx, read, changes).await
        })
        .await
}

async fn assign(
    kitchen: &Fixture,
    (id, version): (AccountId, i64),
    manager: Option<UserId>,
) -> Result<Account, UpdateAccountError> {
    let ctx = acting(&kitchen.owner);
    let input =
        (ctx.clone(), Arc::new(kitchen.people.clone()), AccountVersion { id, version }, manager);
    kitchen
        .kitchen
        .state()
        .db()
        .transaction(&ctx, input, async |tx, (ctx, users, read, manager)| {
            assign_manager(&ctx, &tx, &*users, read, manager).await
        })
        .await
}

async fn seen_by(kitchen: &Fixture, actor: &Actor) -> Vec<String> {
    let ctx = acting(actor);
    let page: Result<_, DbError> = kitchen
        .kitchen
        .state()
        .db()
        .read(&ctx, ctx.clone(), async |tx, ctx| {
            list_accounts(&ctx, &tx, (Limit::DEFAULT, None)).await
        })
        .await;
    page.unwrap().items.into_iter().map(|account| account.name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_accounts_at_once_get_twenty_references() {
    let kitchen = Arc::new(Fixture::empty("test").await);
    let mut running = JoinSet::new();
    for nth in 0..20 {
        let kitchen = kitchen.clone();
        running.spawn(async move {
            let owner = kitchen.owner.clone();
            let name = format!("customer{nth}");
            kitchen.create_account_as(&owner, &name, |_| ()).await.unwrap().reference
        });
    }
    let references: BTreeSet<String> = running.join_all().await.into_iter().collect();
    let expected: BTreeSet<String> = (1..=20).map(|nth| format!("A-{nth:04}")).collect();
    assert_eq!(references, expected);
}

#[tokio::test]
async fn an_account_begins_with_its_person_a_default_profile_and_an_audit_entry() {
    let kitchen = Fixture::empty("test").await;
    let sam = kitchen.customer("sam").await;
    assert_eq!((sam.account.status, sam.account.version), (AccountStatus::Active, 1));
    let user = sam.actor.user_id;
    let found: Result<_, DbError> = kitchen
        .kitchen
        .tenant(kitchen.tenant)
        .read(move |tx| async move { account_of_user(&tx, user).await })
        .await;
    assert_eq!(found.unwrap(), Some(sam.account.id));
    let profiles =
        "SELECT count(*) FROM kitchen_preference_profiles WHERE is_default AND user_id IS NULL";
    assert_eq!(kitchen.count(profiles).await, 1);
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'account.created'";
    assert_eq!(kitchen.count(audited).await, 1);
}

#[tokio::test]
async fn an_address_that_is_taken_creates_nothing() {
    let kitchen = Fixture::empty("test").await;
    kitchen.customer("sam").await;
    let refused = kitchen.create_account_as(&kitchen.owner, "sam", |_| ()).await;
    assert!(matches!(refused, Err(CreateAccountError::EmailTaken)));
    let refused = kitchen
        .create_account_as(&kitchen.owner, "alex", |new| {
            new.default_preset_id = Some(PresetId::new());
        })
        .await;
    assert!(matches!(refused, Err(CreateAccountError::UnknownPreset)));
    let refused = kitchen
        .create_account_as(&kitchen.owner, "kim", |new| new.manager_user_id = Some(UserId::new()))
        .await;
    assert!(matches!(refused, Err(CreateAccountError::UnknownManager)));
    assert_eq!(kitchen.count("SELECT count(*) FROM kitchen_accounts").await, 1);
    assert_eq!(kitchen.count("SELECT count(*) FROM kitchen_preference_profiles").await, 1);
}

#[tokio::test]
async fn account_managers_see_change_and_create_only_accounts_of_their_own() {
    let kitchen = Fixture::empty("test").await;
    let (mia, noah) = (kitchen.manager("mia"), kitchen.manager("noah"));
    // Whatever they ask for, who may only see assigned accounts becomes the manager.
    let account = kitchen
        .create_account_as(&mia, "sam", |new| new.manager_user_id = Some(noah.user_id))
        .await
        .unwrap();
    assert_eq!(account.manager_user_id, Some(mia.user_id));
    kitchen.customer("alex").await;
    assert_eq!(seen_by(&kitchen, &mia).await, ["sam"]);
    assert!(seen_by(&kitchen, &noah).await.is_empty());
    assert_eq!(seen_by(&kitchen, &kitchen.owner).await, ["sam", "alex"]);
    let rename = || AccountChanges { name: Some("Sam H".to_owned()), ..AccountChanges::default() };
    let refused = update(&kitchen, &noah, (account.id, 1), rename()).await;
    assert!(matches!(refused, Err(UpdateAccountError::NotFound)));
    assert_eq!(update(&kitchen, &mia, (account.id, 1), rename()).await.unwrap().name, "Sam H");
    let ctx = acting(&noah);
    let hidden: Result<_, DbError> = kitchen
        .kitchen
        .state()
        .db()
        .read(&ctx, (ctx.clone(), account.id), async |tx, (ctx, id)| {
            get_account(&ctx, &tx, id).await
        })
        .await;
    assert_eq!(hidden.unwrap(), None);
}

#[tokio::test]
async fn handing_an_account_on_moves_it_from_one_scope_to_the_other() {
    let kitchen = Fixture::empty("test").await;
    let (mia, noah) = (kitchen.manager("mia"), kitchen.manager("noah"));
    let account = kitchen.create_account_as(&mia, "sam", |_| ()).await.unwrap();
    let moved = assign(&kitchen, (account.id, 1), Some(noah.user_id)).await.unwrap();
    assert_eq!(moved.version, 2);
    assert!(seen_by(&kitchen, &mia).await.is_empty());
    assert_eq!(seen_by(&kitchen, &noah).await, ["sam"]);
    let refused = assign(&kitchen, (account.id, 2), Some(UserId::new())).await;
    assert!(matches!(refused, Err(UpdateAccountError::UnknownManager)));
    assert_eq!(assign(&kitchen, (account.id, 2), None).await.unwrap().manager_user_id, None);
}

#[tokio::test]
async fn a_change_of_a_version_that_is_gone_is_refused() {
    let kitchen = Fixture::empty("test").await;
    let account = kitchen.customer("sam").await.account;
    let tier = |tier| AccountChanges { tier: Some(tier), ..AccountChanges::default() };
    let changed = update(&kitchen, &kitchen.owner, (account.id, 1), tier(Tier::High)).await;
    assert_eq!(changed.unwrap().version, 2);
    let stale = update(&kitchen, &kitchen.owner, (account.id, 1), tier(Tier::Mid)).await;
    assert!(matches!(stale, Err(UpdateAccountError::Stale)));
    assert_eq!(kitchen.text("SELECT tier FROM kitchen_accounts").await, "HIGH");
}

#[tokio::test]
async fn a_closed_account_is_not_opened_again() {
    let kitchen = Fixture::empty("test").await;
    let account = kitchen.customer("sam").await.account;
    let status = |status| AccountChanges { status: Some(status), ..AccountChanges::default() };
    let closed = update(&kitchen, &kitchen.owner, (account.id, 1), status(AccountStatus::Closed));
    assert_eq!(closed.await.unwrap().status, AccountStatus::Closed);
    let refused = update(&kitchen, &kitchen.owner, (account.id, 2), status(AccountStatus::Active));
    assert!(matches!(refused.await, Err(UpdateAccountError::Status(AccountStatus::Closed))));
}
