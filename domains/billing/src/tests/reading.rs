//! What people are shown, and what staff may set going again.

use bk_kernel::{
    Actor, ActorKind, Authorized, Code, Cursor, Limit, Page, PermissionSet, SessionId, SessionRef,
    permission::Permission,
};

use super::*;
use crate::{
    ledger::{EntryKind, request_reconciliation::request_reconciliation},
    permissions::{BillingOperate, BillingRead, OwnBillingRead},
    purchases::{Purchase, PurchaseFilter, PurchaseState},
    stripe_events::{
        EventFilter, EventState, EventSummary,
        read_events::{get_event, list_events},
        replay_event::{ReplayError, replay_event},
    },
    transactions::{
        read_transactions::{get_transaction, list_own_transactions, list_transactions},
        transaction::Transaction,
    },
};

fn context(shop: &Shop, tenant_id: TenantId, permissions: PermissionSet) -> OperationContext {
    let actor = Actor {
        kind: ActorKind::Staff,
        tenant_id,
        user_id: shop.user,
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: vec!["owner".to_owned()],
        permissions,
    };
    OperationContext::of_actor(Arc::new(actor), RequestId::new(), shop.clock.now())
}

/// Somebody of the tenant who may do everything with money.
fn staff<P: Permission>(shop: &Shop, tenant: TenantId) -> Authorized<P> {
    let all = crate::permissions::ALL.iter().map(|permission| permission.key).collect();
    Authorized::check(context(shop, tenant, all)).unwrap()
}

/// The events a tenant is shown.
pub(super) async fn events(shop: &Shop, tenant: TenantId) -> Vec<EventSummary> {
    let ctx = staff::<BillingOperate>(shop, tenant);
    let read = shop.db.app.read(&ctx, ctx.clone(), async |tx, ctx| {
        list_events(&ctx, &tx, EventFilter::default(), Limit::DEFAULT, None).await
    });
    let page: Result<_, DbError> = read.await;
    page.unwrap().items
}

async fn replay_as(
    shop: &Shop,
    tenant: TenantId,
    id: uuid::Uuid,
) -> Result<EventSummary, ReplayError> {
    let ctx = staff::<BillingOperate>(shop, tenant);
    let replay = shop.db.app.transaction(&ctx, (ctx.clone(), id), async |tx, (ctx, id)| {
        replay_event(&ctx, &tx, id).await
    });
    replay.await
}

/// Staff replay an event; a second time at once is refused.
pub(super) async fn replay(shop: &Shop, event_id: &str) {
    let all = events(shop, shop.tenant).await;
    let id = all.iter().find(|event| event.event_id == event_id).unwrap().id;
    let replayed = replay_as(shop, shop.tenant, id).await.unwrap();
    assert_eq!((replayed.state, replayed.attempts), (EventState::Received, 0));
    let again = replay_as(shop, shop.tenant, id).await;
    assert!(matches!(again, Err(ReplayError::Waiting(EventState::Received))));
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'billing_event.replayed'";
    assert_eq!(shop.count(audited).await, 1);
}

async fn list(
    shop: &Shop,
    tenant: TenantId,
    filter: PurchaseFilter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Page<Purchase> {
    let ctx = staff::<BillingRead>(shop, tenant);
    let input = (ctx.clone(), filter, limit, cursor);
    let read = shop.db.app.read(&ctx, input, async |tx, (ctx, filter, limit, cursor)| {
        list_transactions(&ctx, &tx, filter, limit, cursor).await
    });
    let page: Result<_, DbError> = read.await;
    page.unwrap()
}

async fn get(shop: &Shop, tenant: TenantId, id: PurchaseId) -> Option<Transaction> {
    let ctx = staff::<BillingRead>(shop, tenant);
    let read = shop
        .db
        .app
        .read(&ctx, (ctx.clone(), id), async |tx, (ctx, id)| get_transaction(&ctx, &tx, id).await);
    let found: Result<_, DbError> = read.await;
    found.unwrap()
}

#[tokio::test]
async fn staff_see_purchases_with_their_money() {
    let shop = Shop::open().await;
    let (paid, session) = shop.start().await;
    let (waiting, _) = shop.start().await;
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    let (all, one) = (PurchaseFilter::default(), Limit::new(1).unwrap());
    let first = list(&shop, shop.tenant, all, one, None).await;
    assert_eq!(first.items[0].id, waiting, "newest first");
    let next = first.next_cursor.as_deref().and_then(Cursor::decode);
    let second = list(&shop, shop.tenant, all, one, next).await;
    assert_eq!((second.items[0].id, second.next_cursor), (paid, None));

    let filter =
        PurchaseFilter { state: Some(PurchaseState::Paid), account_id: Some(shop.account) };
    assert_eq!(list(&shop, shop.tenant, filter, one, None).await.items[0].id, paid);
    let found = get(&shop, shop.tenant, paid).await.unwrap();
    assert_eq!((found.entries.len(), found.entries[0].kind), (1, EntryKind::Payment));
    assert_eq!(found.entries[0].amount, found.purchase.price);

    let other = shop.db.tenant("northside").await;
    assert_eq!(get(&shop, other, paid).await, None);
    assert!(list(&shop, other, all, one, None).await.items.is_empty());
}

#[tokio::test]
async fn customers_see_their_own_account_only() {
    let shop = Shop::open().await;
    let (mine, _) = shop.start().await;
    let mut others = shop.order(None);
    others.account_id = AccountId::new();
    shop.billing.start_pack(others).await.unwrap();
    let own = async |user| {
        let mut actor = staff::<OwnBillingRead>(&shop, shop.tenant).actor().unwrap().clone();
        actor.user_id = user;
        let ctx = OperationContext::of_actor(Arc::new(actor), RequestId::new(), shop.clock.now());
        let ctx = Authorized::check(ctx).unwrap();
        let input = (ctx.clone(), shop.billing.accounts());
        let read = shop.db.app.read(&ctx, input, async |tx, (ctx, accounts)| {
            list_own_transactions(&ctx, &tx, &*accounts, Limit::DEFAULT, None).await
        });
        let page: Result<Page<Purchase>, DbError> = read.await;
        page.unwrap()
    };
    let ids: Vec<_> = own(shop.user).await.items.iter().map(|purchase| purchase.id).collect();
    assert_eq!(ids, [mine]);
    assert!(own(UserId::new()).await.items.is_empty());
}

#[tokio::test]
async fn an_event_of_another_tenant_is_not_there() {
    let shop = Shop::open().await;
    let (_, session) = shop.start().await;
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    let id = events(&shop, shop.tenant).await[0].id;
    let other = shop.db.tenant("northside").await;
    let get = async |tenant| {
        let ctx = staff::<BillingOperate>(&shop, tenant);
        let read = shop
            .db
            .app
            .read(&ctx, (ctx.clone(), id), async |tx, (ctx, id)| get_event(&ctx, &tx, id).await);
        let found: Result<_, DbError> = read.await;
        found.unwrap()
    };
    assert!(get(shop.tenant).await.is_some());
    assert!(get(other).await.is_none());
    let refused = replay_as(&shop, other, id).await;
    assert!(matches!(refused, Err(ReplayError::NotFound)));
}

#[tokio::test]
async fn staff_can_ask_for_a_reconciliation() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    shop.pay(&session);
    shop.clock.move_to(shop.clock.now() + TimeDelta::minutes(3));
    let ctx = staff::<BillingOperate>(&shop, shop.tenant);
    let request = shop
        .db
        .app
        .transaction(&ctx, ctx.clone(), async |tx, ctx| request_reconciliation(&ctx, &tx).await);
    let requested: Result<(), DbError> = request.await;
    requested.unwrap();
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
}

#[tokio::test]
async fn the_fact_carries_the_request_that_delivered_the_event() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    let events = shop.pay(&session);
    let completed = events.iter().find(|e| e.kind == "checkout.session.completed").unwrap();
    let delivery = shop.deliver(completed).await;
    shop.work().await;
    let published: uuid::Uuid =
        sqlx::query_scalar("SELECT request_id FROM outbox WHERE aggregate = $1")
            .bind(format!("purchase:{purchase}"))
            .fetch_one(&shop.db.admin)
            .await
            .unwrap();
    assert_eq!(published, delivery.uuid());
}

#[tokio::test]
async fn nothing_is_read_or_operated_without_the_permission() {
    let shop = Shop::open().await;
    let ctx = context(&shop, shop.tenant, PermissionSet::default());
    assert_eq!(Authorized::<BillingRead>::check(ctx.clone()).unwrap_err(), Code::Forbidden);
    assert_eq!(Authorized::<BillingOperate>::check(ctx.clone()).unwrap_err(), Code::Forbidden);
    assert_eq!(Authorized::<OwnBillingRead>::check(ctx).unwrap_err(), Code::Forbidden);
}
