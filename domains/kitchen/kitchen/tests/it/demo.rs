//! The demo in a database. What it lays is also the week that production's tests look at.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bk_contracts::{
    checkout::{Checkout, CheckoutError, PackCheckout, StartedCheckout},
    identity::{InviteError, NewUser, UserDirectory, UserSummary},
    tenants::{AllowedOrigins, TenantRef, TenantSettings, TenantStatus, Tenants},
};
use bk_kernel::{Clock, Surface, TenantId, UserId};
use bk_persistence::{Database, DbError, TenantTx, invalidation::Hearing};
use bk_testing::TestDb;
use chrono::{DateTime, Utc};

use super::*;
use crate::{
    Kitchen, KitchenDeps,
    catalogue::{Allergen, BookDish, MealSize, load_book},
    preferences::{default_rules, evaluate},
};

/// A Wednesday: the current week opens on Friday.
pub(crate) fn wednesday() -> DateTime<Utc> {
    "2026-11-25T01:00:00Z".parse().unwrap()
}

/// A kitchen with its demo laid.
pub(crate) struct DemoKitchen {
    pub(crate) db: TestDb,
    pub(crate) kitchen: Kitchen,
    pub(crate) tenant: TenantId,
    pub(crate) people: DemoPeople,
}

impl DemoKitchen {
    /// Without the demo.
    pub(crate) async fn empty(slug: &'static str) -> Self {
        let db = TestDb::new().await;
        let tenant = db.tenant(slug).await;
        let kitchen = kitchen(db.app.clone(), tenant, slug);
        let logins = super::tenant(slug).unwrap().clients();
        let client_users = logins.map(|(login, _)| (login.to_owned(), UserId::new())).collect();
        let people = DemoPeople { client_users, manager: UserId::new() };
        Self { db, kitchen, tenant, people }
    }

    /// With it.
    pub(crate) async fn laid(slug: &'static str) -> Self {
        let demo = Self::empty(slug).await;
        demo.seed(slug, wednesday()).await;
        demo
    }

    async fn seed(&self, slug: &str, now: DateTime<Utc>) {
        seed(&self.kitchen, self.tenant, slug, now, &self.people).await.unwrap();
    }

    /// One number that the superuser reads.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.db.number(sql).await
    }
}

fn kitchen(db: Database, tenant: TenantId, slug: &'static str) -> Kitchen {
    Kitchen::new(KitchenDeps {
        db,
        clock: Clock::starting_at(wednesday()),
        tenants: Arc::new(OneTenant(tenant, slug)),
        users: Arc::new(Nobody),
        checkout: Arc::new(NoTill),
        return_origins: Vec::new(),
        hearing: Hearing::new(true),
    })
}

struct OneTenant(TenantId, &'static str);

#[async_trait]
impl Tenants for OneTenant {
    async fn by_slug(&self, _: &str) -> Result<Option<TenantRef>, DbError> {
        Ok(None)
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        let demo = super::tenant(self.1).unwrap();
        Ok((tenant == self.0).then(|| {
            Arc::new(TenantSettings {
                tenant_id: tenant,
                slug: demo.slug.clone(),
                name: demo.name.clone(),
                status: TenantStatus::Active,
                currency: demo.currency.parse().unwrap(),
                schedule: demo.schedule(),
                origins: AllowedOrigins::default(),
                return_origins: Vec::new(),
            })
        }))
    }

    async fn origin_known(&self, _: Surface, _: &str) -> Result<bool, DbError> {
        Ok(false)
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        Ok(vec![self.0])
    }
}

struct Nobody;

#[async_trait]
impl UserDirectory for Nobody {
    async fn invite(&self, _: &TenantTx, _: NewUser) -> Result<UserId, InviteError> {
        Err(InviteError::EmailTaken)
    }

    async fn summaries(&self, _: &TenantTx, _: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
        Ok(Vec::new())
    }

    async fn role_in_use(&self, _: &TenantTx, _: &str) -> Result<bool, DbError> {
        Ok(false)
    }

    async fn forget_sessions(&self, _: &TenantTx) -> Result<(), DbError> {
        Ok(())
    }
}

struct NoTill;

#[async_trait]
impl Checkout for NoTill {
    async fn start_pack(&self, _: PackCheckout) -> Result<StartedCheckout, CheckoutError> {
        Err(CheckoutError::Provider)
    }
}

#[tokio::test]
async fn both_kitchens_are_laid_whole() {
    for slug in ["greenfork", "northside"] {
        let demo = DemoKitchen::laid(slug).await;
        let book = demo.kitchen.book(demo.tenant).await.unwrap();
        assert_eq!(book.recipes.ingredients.len(), 149);
        assert_eq!(book.recipes.recipes.len(), 11);
        assert!(book.dishes.len() >= 39 && book.dishes.values().all(BookDish::can_be_offered));
        assert_eq!((book.components.len(), book.presets.len(), book.bases.len()), (12, 4, 2));
        assert_eq!(demo.count("SELECT count(*) FROM kitchen_accounts").await, 8);
        assert_eq!(demo.count("SELECT count(*) FROM kitchen_menu_weeks").await, 5);
        let weeks = demo.count("SELECT count(*) FROM kitchen_order_weeks").await;
        assert_eq!(weeks, 10);
    }
}

#[tokio::test]
async fn a_pack_holds_what_the_file_says_and_its_events_sum_to_it() {
    let demo = DemoKitchen::laid("greenfork").await;
    let wrong = "SELECT count(*) FROM kitchen_packs p WHERE meals_remaining <>
        (SELECT sum(delta) FROM kitchen_pack_events e WHERE e.pack_id = p.id)";
    assert_eq!(demo.count(wrong).await, 0);
    let packs = super::tenant("greenfork").unwrap().accounts.iter().flat_map(|one| &one.packs);
    let product = |sku: &str| {
        let mut products = super::tenant("greenfork").unwrap().pack_products.iter();
        products.find(|product| product.sku == sku).unwrap().meals
    };
    let left: i32 = packs.map(|pack| product(&pack.sku) - pack.used).sum();
    let stored = demo.count("SELECT sum(meals_remaining) FROM kitchen_packs").await;
    assert_eq!(stored, i64::from(left));
}

#[tokio::test]
async fn laying_it_again_changes_nothing() {
    const ALL: &str = "SELECT (SELECT count(*) FROM kitchen_recipe_lines)
        + (SELECT count(*) FROM kitchen_pack_events) + (SELECT count(*) FROM kitchen_orders)
        + (SELECT count(*) FROM kitchen_menu_dishes) + (SELECT count(*) FROM kitchen_order_weeks)
        + (SELECT version FROM kitchen_catalogue_versions)";
    let demo = DemoKitchen::laid("northside").await;
    let before = demo.count(ALL).await;
    demo.seed("northside", wednesday()).await;
    assert_eq!(demo.count(ALL).await, before);
}

#[tokio::test]
async fn the_rotation_begins_with_the_current_week_and_goes_on_a_week_later() {
    let demo = DemoKitchen::laid("greenfork").await;
    demo.seed("greenfork", wednesday() + chrono::TimeDelta::days(7)).await;
    let menus = demo.db.pairs(
        "SELECT w.week, d.key FROM kitchen_order_weeks w
           JOIN kitchen_menu_weeks m ON m.week_id = w.id
           JOIN kitchen_menu_dishes o ON o.menu_week_id = m.id AND o.position = 3
           JOIN kitchen_dishes d ON d.id = o.dish_id ORDER BY w.week",
    );
    let menus = menus.await;
    let lists = &super::tenant("greenfork").unwrap().menu.lists;
    let expected = ["week_c", "week_a", "week_b", "week_c", "week_a", "week_b"];
    let weeks = ["2026-W48", "2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53"];
    let expected: Vec<(String, String)> = weeks
        .iter()
        .zip(expected)
        .map(|(week, list)| ((*week).to_owned(), lists[list][3].clone()))
        .collect();
    assert_eq!(menus, expected);
}

#[tokio::test]
async fn the_past_week_is_locked_with_two_orders_that_suit_their_accounts() {
    for slug in ["greenfork", "northside"] {
        let demo = DemoKitchen::laid(slug).await;
        let locked = "SELECT count(*) FROM kitchen_orders WHERE state = 'LOCKED'";
        assert_eq!(demo.count(locked).await, 2);
        let meals = "SELECT sum(meals)::bigint FROM kitchen_production_plans WHERE number = 0";
        assert_eq!(demo.count(meals).await, 13);
    }
}

#[tokio::test]
async fn allergens_reach_the_dishes_and_block_them() {
    let demo = DemoKitchen::laid("greenfork").await;
    let (tenant, user) = (demo.tenant, demo.people.client_users["client2"]);
    let scope = demo.kitchen.tenant(tenant);
    let (book, rules) = scope
        .read(move |tx| async move {
            let account = crate::accounts::account_of(&tx, user).await?.unwrap();
            Ok::<_, DbError>((load_book(&tx).await?, default_rules(&tx, account.id).await?))
        })
        .await
        .unwrap();
    let barramundi =
        book.dishes.values().find(|dish| dish.entry.key == "macadamia_barramundi").unwrap();
    let composition = &barramundi.computed.composition;
    assert!(composition.allergens.contains_key(&Allergen::Macadamia));
    let serving = &barramundi.computed.servings[&MealSize::G300];
    assert!(evaluate(&rules, &serving.subject).is_blocked());
}

#[tokio::test]
async fn a_login_that_nobody_has_lays_nothing() {
    let demo = DemoKitchen::empty("greenfork").await;
    let people = DemoPeople { client_users: BTreeMap::new(), manager: UserId::new() };
    let outcome = seed(&demo.kitchen, demo.tenant, "greenfork", wednesday(), &people).await;
    assert!(matches!(outcome, Err(DemoError::NoLogin(login)) if login == "client1"));
    assert_eq!(demo.count("SELECT count(*) FROM kitchen_ingredients").await, 0);
}
