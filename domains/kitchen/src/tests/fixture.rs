//! A small kitchen whose window is open: five dishes, two presets, a published menu.

use std::{collections::BTreeMap, sync::Arc};

use bk_contracts::facts::PurchasePaid;
use bk_kernel::{
    AccountId, Actor, ActorKind, Clock, ComponentId, DishId, Money, OrderId, PackProductId, Permit,
    PresetId, PurchaseId, RequestId, SessionId, SessionRef, TenantId, UserId,
    permission::Permission,
};
use bk_persistence::{DbError, invalidation::Hearing};
use bk_testing::TestDb;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Row};

use super::{
    catalogue::lay_catalogue,
    fakes::{OneTenant, People, Till},
};
use crate::{
    Kitchen, KitchenDeps,
    accounts::{Account, CreateAccount, CreateAccountError, create_account},
    catalogue::{Author, MealSize, Tier},
    menu::{self, OfferedDish},
    ordering::{
        CancelOrder, CancelOrderError, ConfirmOrder, ConfirmOrderError, OrderLines, OrderView,
        ReplaceLinesError, StoredOrder, WeekName, cancel_order, confirm_order,
        order::{CancelReason, LineRequest},
        replace_lines,
    },
    packs::{self, PacksError},
    permissions as p,
};

/// The current week of every test: opens on Friday at noon in Brisbane.
pub(super) const WEEK: &str = "2026-W49";

/// The instant its window opens.
pub(super) fn opening() -> DateTime<Utc> {
    "2026-11-27T02:00:00Z".parse().unwrap()
}

/// The instant it closes.
pub(super) fn closing() -> DateTime<Utc> {
    "2026-11-29T14:00:00Z".parse().unwrap()
}

/// The instant production locks.
pub(super) fn cutoff() -> DateTime<Utc> {
    "2026-11-29T23:00:00Z".parse().unwrap()
}

/// An hour into the window.
pub(super) fn friday() -> DateTime<Utc> {
    opening() + TimeDelta::hours(1)
}

/// A customer and their account.
#[derive(Clone)]
pub(super) struct Customer {
    pub(super) account: Account,
    pub(super) actor: Actor,
}

/// The kitchen.
pub(super) struct Fixture {
    pub(super) db: TestDb,
    pub(super) kitchen: Kitchen,
    pub(super) tenant: TenantId,
    pub(super) tenants: Arc<OneTenant>,
    pub(super) people: Arc<People>,
    pub(super) till: Arc<Till>,
    /// Staff who may do everything.
    pub(super) owner: Actor,
    /// By key: `chicken`, `beef` and `creamy` (with milk) have fixed sides, `bowl` and `grill` take
    /// theirs from the preset.
    pub(super) dishes: BTreeMap<&'static str, DishId>,
    /// By key: `greens` and `rice` are the base sides, `truffle` is a `HIGH` vegetable.
    pub(super) sides: BTreeMap<&'static str, ComponentId>,
    /// By key: `a_plain` serves greens with rice, `b_finest` truffle with rice.
    pub(super) presets: BTreeMap<&'static str, PresetId>,
    pub(super) product: PackProductId,
}

impl Fixture {
    /// With a published menu of all dishes, none of them limited.
    pub(super) async fn new() -> Self {
        Self::with_limits(&[]).await
    }

    /// The same with limits on some dishes.
    pub(super) async fn with_limits(limits: &[(&str, i32)]) -> Self {
        let fixture = Self::without_menu().await;
        fixture.write_menu(WEEK, limits).await;
        fixture.publish_menu(WEEK).await;
        fixture
    }

    /// With weeks and a catalogue, and no menu.
    pub(super) async fn without_menu() -> Self {
        let fixture = Self::empty("test").await;
        let kitchen = fixture.kitchen.clone();
        let scope = fixture.kitchen.tenant(fixture.tenant);
        scope.run(move |tx| async move { kitchen.generate_weeks_in(&tx).await }).await.unwrap();
        lay_catalogue(&fixture).await;
        fixture
    }

    /// With nothing.
    pub(super) async fn empty(slug: &'static str) -> Self {
        let db = TestDb::with_connections(12).await;
        let tenant = db.tenant(slug).await;
        let tenants = Arc::new(OneTenant::new(tenant, slug));
        let (people, till) = (Arc::new(People::default()), Arc::new(Till::default()));
        let kitchen = Kitchen::new(KitchenDeps {
            db: db.app.clone(),
            clock: Clock::starting_at(friday()),
            tenants: tenants.clone(),
            users: people.clone(),
            checkout: till.clone(),
            return_origins: Vec::new(),
            hearing: Hearing::new(true),
        });
        let owner = staff(tenant, people.hire("owner@test.example"), true);
        let dishes = ["chicken", "beef", "creamy", "bowl", "grill"];
        Self {
            db,
            kitchen,
            tenant,
            tenants,
            people,
            till,
            owner,
            dishes: dishes.into_iter().map(|key| (key, DishId::new())).collect(),
            sides: ["greens", "rice", "truffle"].map(|key| (key, ComponentId::new())).into(),
            presets: ["a_plain", "b_finest"].map(|key| (key, PresetId::new())).into(),
            product: PackProductId::new(),
        }
    }

    /// Statements of the superuser.
    pub(super) async fn sql(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.db.admin).await.unwrap();
    }

    /// One number that the superuser reads.
    pub(super) async fn count(&self, sql: &str) -> i64 {
        sqlx::query(AssertSqlSafe(sql)).fetch_one(&self.db.admin).await.unwrap().get(0)
    }

    /// One text.
    pub(super) async fn text(&self, sql: &str) -> String {
        sqlx::query(AssertSqlSafe(sql)).fetch_one(&self.db.admin).await.unwrap().get(0)
    }

    /// The draft of the menu of a week: all dishes.
    pub(super) async fn write_menu(&self, week: &str, limits: &[(&str, i32)]) {
        let limits: BTreeMap<&str, i32> = limits.iter().copied().collect();
        let dishes = self.dishes.iter().map(|(key, dish_id)| OfferedDish {
            dish_id: *dish_id,
            capacity: limits.get(key).copied(),
        });
        let change =
            menu::ReplaceMenu { week: week.parse().unwrap(), version: 0, dishes: dishes.collect() };
        let (permit, author) = (self.permit(&self.owner), self.author());
        let scope = self.kitchen.tenant(self.tenant);
        scope
            .run(move |tx| async move { menu::replace_menu(&tx, permit, &author, &change).await })
            .await
            .unwrap();
    }

    pub(super) async fn publish_menu(&self, week: &str) {
        let publish = menu::PublishMenu { week: week.parse().unwrap() };
        let (permit, author) = (self.permit(&self.owner), self.author());
        let scope = self.kitchen.tenant(self.tenant);
        scope
            .run(move |tx| async move { menu::publish_menu(&tx, permit, &author, publish).await })
            .await
            .unwrap();
    }

    pub(super) fn author(&self) -> Author {
        Author::person(&self.owner, RequestId::new(), opening() - TimeDelta::days(3))
    }

    pub(super) fn permit<P: Permission>(&self, actor: &Actor) -> Permit<P> {
        assert_eq!(actor.tenant_id, self.tenant);
        Permit::check(actor).unwrap()
    }

    /// A member of staff who sees only accounts assigned to them.
    pub(super) fn manager(&self, name: &str) -> Actor {
        staff(self.tenant, self.people.hire(&format!("{name}@test.example")), false)
    }

    pub(super) async fn create_account_as(
        &self,
        actor: &Actor,
        name: &str,
        change: impl FnOnce(&mut CreateAccount),
    ) -> Result<Account, CreateAccountError> {
        let mut new = CreateAccount {
            name: name.to_owned(),
            tier: Tier::Base,
            default_preset_id: None,
            manager_user_id: None,
            address: None,
            delivery_notes: String::new(),
            client_email: format!("{name}@customer.example"),
            client_name: name.to_owned(),
            request_id: RequestId::new(),
            at: friday(),
        };
        change(&mut new);
        let (actor, users, permit) = (actor.clone(), self.people.clone(), self.permit(actor));
        let scope = self.kitchen.tenant(self.tenant);
        scope
            .run(move |tx| async move { create_account(&tx, &*users, &actor, permit, new).await })
            .await
    }

    /// A customer of the lowest tier.
    pub(super) async fn customer(&self, name: &str) -> Customer {
        self.customer_with(name, |_| ()).await
    }

    pub(super) async fn customer_with(
        &self,
        name: &str,
        change: impl FnOnce(&mut CreateAccount),
    ) -> Customer {
        let account = self.create_account_as(&self.owner, name, change).await.unwrap();
        let actor = client(self.tenant, account.primary_user_id);
        Customer { account, actor }
    }

    /// A customer with one pack of meals of 300 g.
    pub(super) async fn customer_with_pack(&self, name: &str, meals: i32) -> Customer {
        let customer = self.customer(name).await;
        self.pack(&customer, MealSize::G300, meals, 1).await;
        customer
    }

    /// Adds a rule to the customer's default profile.
    pub(super) async fn rule(&self, customer: &Customer, kind: &str, value: &str) {
        let (tenant, account) = (self.tenant.uuid(), customer.account.id.uuid());
        self.sql(&format!(
            "INSERT INTO kitchen_preference_rules (tenant_id, profile_id, position, kind, value)
             SELECT tenant_id, id, (SELECT count(*) FROM kitchen_preference_rules r WHERE r.profile_id = p.id), '{kind}', '{value}'
               FROM kitchen_preference_profiles p WHERE tenant_id = '{tenant}' AND account_id = '{account}'"
        ))
        .await;
    }

    pub(super) fn paid(&self, account: AccountId, size: MealSize, meals: i32) -> PurchasePaid {
        PurchasePaid {
            purchase_id: PurchaseId::new(),
            account_id: account,
            product_id: self.product,
            title: format!("{meals} meals"),
            meals,
            meal_size_g: size.grams(),
            paid: Money::new(13_000, "AUD".parse().unwrap()),
            paid_at: opening() - TimeDelta::days(30),
        }
    }

    /// A pack that was bought so many days into November.
    pub(super) async fn pack(&self, customer: &Customer, size: MealSize, meals: i32, day: i64) {
        let mut paid = self.paid(customer.account.id, size, meals);
        paid.paid_at += TimeDelta::days(day);
        self.grant(paid).await.unwrap();
    }

    pub(super) async fn grant(&self, paid: PurchasePaid) -> Result<(), PacksError> {
        let scope = self.kitchen.tenant(self.tenant);
        scope.run(move |tx| async move { packs::grant_pack(&tx, &paid, None).await }).await
    }

    /// Replaces the lines of the customer's draft, meals of 300 g.
    pub(super) async fn draft(
        &self,
        customer: &Customer,
        lines: &[(&str, i32)],
    ) -> Result<OrderView, ReplaceLinesError> {
        let lines: Vec<_> =
            lines.iter().map(|(dish, meals)| (*dish, MealSize::G300, *meals)).collect();
        self.draft_at(customer, &lines, friday()).await
    }

    pub(super) async fn draft_at(
        &self,
        customer: &Customer,
        lines: &[(&str, MealSize, i32)],
        at: DateTime<Utc>,
    ) -> Result<OrderView, ReplaceLinesError> {
        let requests: Vec<_> = lines
            .iter()
            .map(|(dish, size, quantity)| LineRequest {
                dish_id: self.dishes[dish],
                size: *size,
                quantity: *quantity,
            })
            .collect();
        let lines = OrderLines::new(&requests).unwrap();
        let book = self.kitchen.book(self.tenant).await.unwrap();
        let (actor, permit) = (customer.actor.clone(), self.permit(&customer.actor));
        let scope = self.kitchen.tenant(self.tenant);
        scope
            .run(move |tx| async move {
                replace_lines(&tx, &actor, permit, &book, lines, RequestId::new(), at).await
            })
            .await
    }

    /// Confirms the customer's order an hour into the window, without a key and without a second try.
    pub(super) async fn confirm(
        &self,
        customer: &Customer,
    ) -> Result<OrderView, ConfirmOrderError> {
        self.confirm_at(customer, friday(), None).await
    }

    pub(super) async fn confirm_at(
        &self,
        customer: &Customer,
        at: DateTime<Utc>,
        key: Option<&'static str>,
    ) -> Result<OrderView, ConfirmOrderError> {
        self.confirm_watched(customer, at, key, |_| ()).await
    }

    pub(super) async fn confirm_watched(
        &self,
        customer: &Customer,
        at: DateTime<Utc>,
        key: Option<&'static str>,
        steps: impl Fn(&'static str) + Send + Sync + 'static,
    ) -> Result<OrderView, ConfirmOrderError> {
        let (actor, permit) = (customer.actor.clone(), self.permit(&customer.actor));
        let kitchen = self.kitchen.clone();
        let scope = self.kitchen.tenant(self.tenant);
        scope
            .run(move |tx| async move {
                let book = kitchen.book_in(&tx).await?;
                let request_id = RequestId::new();
                let confirm = ConfirmOrder { actor: &actor, request_id, key, at, steps: &steps };
                confirm_order(&tx, permit, &book, confirm).await
            })
            .await
    }

    /// Drafts and confirms.
    pub(super) async fn order(&self, customer: &Customer, lines: &[(&str, i32)]) -> OrderView {
        self.draft(customer, lines).await.unwrap();
        self.confirm(customer).await.unwrap()
    }

    pub(super) async fn cancel_as(
        &self,
        actor: &Actor,
        order_id: OrderId,
        at: DateTime<Utc>,
    ) -> Result<StoredOrder, CancelOrderError> {
        let cancel = CancelOrder {
            order_id,
            reason: CancelReason::CustomerRequest,
            note: Some("Called on Saturday".to_owned()),
            request_id: RequestId::new(),
            at,
        };
        let (actor, permit) = (actor.clone(), self.permit(actor));
        let scope = self.kitchen.tenant(self.tenant);
        scope.run(move |tx| async move { cancel_order(&tx, &actor, permit, cancel).await }).await
    }

    /// Meals left in the customer's packs and their states, oldest purchase first.
    pub(super) async fn packs(&self, customer: &Customer) -> Vec<(i32, String)> {
        let account = customer.account.id;
        let scope = self.kitchen.tenant(self.tenant);
        let packs =
            scope.read(move |tx| async move { packs::packs_of(&tx, account).await }).await.unwrap();
        let pack = |one: packs::TitledPack| {
            (one.pack.meals_remaining, one.pack.status.as_str().to_owned())
        };
        packs.into_iter().map(pack).collect()
    }

    /// Meals counted on a limited dish.
    pub(super) async fn ordered(&self, dish: &str) -> i64 {
        let dish = self.dishes[dish].uuid();
        self.count(&format!(
            "SELECT ordered::bigint FROM kitchen_menu_dishes WHERE dish_id = '{dish}'"
        ))
        .await
    }

    /// Packs whose events do not sum to what they hold.
    pub(super) async fn unbalanced_packs(&self) -> i64 {
        self.count(
            "SELECT count(*) FROM kitchen_packs p WHERE meals_remaining IS DISTINCT FROM
               (SELECT sum(delta) FROM kitchen_pack_events e
                 WHERE e.tenant_id = p.tenant_id AND e.pack_id = p.id)",
        )
        .await
    }

    /// The id of the week of a name.
    pub(super) async fn week(&self, name: &str) -> crate::weeks::StoredWeek {
        let name: WeekName = name.parse().unwrap();
        let found: Result<_, DbError> = self
            .kitchen
            .tenant(self.tenant)
            .read(move |tx| async move { crate::weeks::week_by_name(&tx, name).await })
            .await;
        found.unwrap().unwrap()
    }
}

/// A customer's session.
pub(super) fn client(tenant_id: TenantId, user_id: UserId) -> Actor {
    let held = [
        p::OwnMenuRead::DEF,
        p::OwnPacksRead::DEF,
        p::OwnPacksBuy::DEF,
        p::OwnOrdersRead::DEF,
        p::OwnOrdersWrite::DEF,
    ];
    actor(ActorKind::Client, tenant_id, user_id, held.iter().map(|def| def.key))
}

/// A session of staff, with or without `accounts.all`.
fn staff(tenant_id: TenantId, user_id: UserId, all: bool) -> Actor {
    let held = p::ALL.iter().map(|def| def.key).filter(|key| !key.starts_with("own."));
    let held = held.filter(|key| all || *key != p::AccountsAll::DEF.key);
    actor(ActorKind::Staff, tenant_id, user_id, held)
}

fn actor<'a>(
    kind: ActorKind,
    tenant_id: TenantId,
    user_id: UserId,
    held: impl Iterator<Item = &'a str>,
) -> Actor {
    Actor {
        kind,
        tenant_id,
        user_id,
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: Vec::new(),
        permissions: held.collect(),
    }
}
