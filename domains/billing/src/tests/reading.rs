//! What people are shown, and what staff may set going again.

use bk_kernel::permission::Permission;
use bk_kernel::{
    Actor, ActorKind, Code, Cursor, Limit, PermissionSet, Permit, SessionId, SessionRef,
};

use super::*;
use crate::{
    permissions::{BillingOperate, BillingRead, OwnBillingRead},
    purchase::PurchaseState,
    transactions::{
        read_transactions::{get_one, list_all, list_own},
        transaction::{EntryKind, Filter},
    },
    webhooks::{
        EventState, EventSummary, enqueue_reconcile,
        read_events::{get_event, list_events},
        replay_event::{ReplayError, ReplayEvent, replay_event},
    },
};

fn actor(till: &Till, permissions: PermissionSet) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        tenant_id: till.tenant,
        user_id: till.user,
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: vec!["owner".to_owned()],
        permissions,
    }
}

fn owner(till: &Till) -> Actor {
    actor(till, crate::permissions().iter().map(|p| p.key).collect())
}

fn permit<P: Permission>(till: &Till) -> Permit<P> {
    Permit::check(&owner(till)).unwrap()
}

/// The events a tenant is shown.
pub(super) async fn events(till: &Till, tenant: TenantId) -> Vec<EventSummary> {
    let all = (Limit::DEFAULT, None);
    list_events(&till.db.app, permit::<BillingOperate>(till), tenant, None, all)
        .await
        .unwrap()
        .items
}

/// Staff replay an event; a second time at once is refused.
pub(super) async fn replay(till: &Till, event_id: &str) {
    let all = events(till, till.tenant).await;
    let id = all.iter().find(|event| event.event_id == event_id).unwrap().id;
    let again = async || {
        let command = ReplayEvent {
            id,
            actor: Arc::new(owner(till)),
            request_id: RequestId::new(),
            at: till.clock.now(),
        };
        replay_event(&till.db.app, permit::<BillingOperate>(till), command).await
    };
    let replayed = again().await.unwrap();
    assert_eq!((replayed.state, replayed.attempts), (EventState::Received, 0));
    assert!(matches!(again().await, Err(ReplayError::Waiting(EventState::Received))));
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'billing_event.replayed'";
    assert_eq!(till.count(audited).await, 1);
}

#[tokio::test]
async fn staff_see_purchases_with_their_money() {
    let till = Till::open().await;
    let (paid, session) = till.start().await;
    let (waiting, _) = till.start().await;
    for event in till.pay(&session) {
        till.deliver(&event).await;
    }
    till.work().await;
    let list = async |tenant, filter, page| {
        list_all(&till.db.app, permit::<BillingRead>(&till), tenant, filter, page).await.unwrap()
    };
    let one = Limit::new(1).unwrap();
    let first = list(till.tenant, Filter::default(), (one, None)).await;
    assert_eq!(first.items[0].id, waiting, "newest first");
    let next = first.next_cursor.as_deref().and_then(Cursor::decode);
    let second = list(till.tenant, Filter::default(), (one, next)).await;
    assert_eq!((second.items[0].id, second.next_cursor), (paid, None));

    let filter = Filter { state: Some(PurchaseState::Paid), account: Some(till.account) };
    assert_eq!(list(till.tenant, filter, (one, None)).await.items[0].id, paid);
    let get = async |tenant| {
        get_one(&till.db.app, permit::<BillingRead>(&till), tenant, paid).await.unwrap()
    };
    let found = get(till.tenant).await.unwrap();
    assert_eq!((found.entries.len(), found.entries[0].kind), (1, EntryKind::Payment));
    assert_eq!(found.entries[0].amount, found.purchase.price);

    let other = till.db.tenant("northside").await;
    assert_eq!(get(other).await, None);
    assert!(list(other, Filter::default(), (one, None)).await.items.is_empty());
}

#[tokio::test]
async fn customers_see_their_own_account_only() {
    let till = Till::open().await;
    let (mine, _) = till.start().await;
    let mut others = till.order(None);
    others.account_id = AccountId::new();
    till.billing.start_pack(others).await.unwrap();
    let own = async |user| {
        let (who, page) = ((till.tenant, user), (Limit::DEFAULT, None));
        let accounts = till.billing.accounts();
        list_own(&till.db.app, accounts, permit::<OwnBillingRead>(&till), who, page).await.unwrap()
    };
    let ids: Vec<_> = own(till.user).await.items.iter().map(|purchase| purchase.id).collect();
    assert_eq!(ids, [mine]);
    assert!(own(UserId::new()).await.items.is_empty());
}

#[tokio::test]
async fn an_event_of_another_tenant_is_not_there() {
    let till = Till::open().await;
    let (_, session) = till.start().await;
    for event in till.pay(&session) {
        till.deliver(&event).await;
    }
    till.work().await;
    let id = events(&till, till.tenant).await[0].id;
    let other = till.db.tenant("northside").await;
    let get = async |tenant| {
        get_event(&till.db.app, permit::<BillingOperate>(&till), tenant, id).await.unwrap()
    };
    assert!(get(till.tenant).await.is_some());
    assert!(get(other).await.is_none());
    let stranger = Actor { tenant_id: other, ..owner(&till) };
    let command = ReplayEvent {
        id,
        actor: Arc::new(stranger),
        request_id: RequestId::new(),
        at: till.clock.now(),
    };
    let refused = replay_event(&till.db.app, permit::<BillingOperate>(&till), command).await;
    assert!(matches!(refused, Err(ReplayError::NotFound)));
}

#[tokio::test]
async fn staff_can_ask_for_a_reconciliation() {
    let till = Till::open().await;
    let (purchase, session) = till.start().await;
    till.pay(&session);
    till.clock.move_to(till.clock.now() + TimeDelta::minutes(3));
    let tenant = till.tenant;
    let asked = till.db.app.tenant(tenant);
    asked.run(async move |tx| enqueue_reconcile(&tx, tenant).await).await.unwrap();
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::paid());
}

#[test]
fn nobody_reads_or_operates_without_the_permission() {
    let account = AccountId::new();
    let nobody = Actor {
        kind: ActorKind::Client,
        tenant_id: TenantId::new(),
        user_id: UserId::from(account.uuid()),
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: Vec::new(),
        permissions: PermissionSet::default(),
    };
    assert_eq!(Permit::<BillingRead>::check(&nobody).unwrap_err(), Code::Forbidden);
    assert_eq!(Permit::<BillingOperate>::check(&nobody).unwrap_err(), Code::Forbidden);
    assert_eq!(Permit::<OwnBillingRead>::check(&nobody).unwrap_err(), Code::Forbidden);
}
