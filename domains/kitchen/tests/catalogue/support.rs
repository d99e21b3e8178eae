//! What these tests share.

use std::{collections::BTreeSet, sync::Arc};

use bk_kernel::{
    Actor, ActorKind, DishId, IngredientId, Permit, RecipeId, SessionId, TenantId, UserId,
    actor::SessionRef, permission::Permission,
};
use bk_kitchen::catalogue::{
    Allergen, Author, CatalogueBook, DishCategory, ImportMode, MealSize, ShelfLife, Unit,
    import::{self, ImportPlan},
    import_ingredients,
    lines::DraftLine,
    load_book,
    recipe::Part,
    save_ingredient::{self, SaveIngredientError},
    save_recipe::{self, DishContent, SaveRecipeError, SubRecipeContent},
};
use bk_persistence::{DbError, TenantTx};
use bk_testing::TestDb;
use chrono::{DateTime, Utc};

/// The moment at which everything here happens: a week's window is open.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-27T03:00:00Z".parse().unwrap()
}

pub(crate) fn author() -> Author {
    Author::system(now())
}

/// Proof of a permission, as the guard would give it to someone who holds it.
pub(crate) fn permit<P: Permission>() -> Permit<P> {
    let actor = Actor {
        kind: ActorKind::Staff,
        tenant_id: TenantId::new(),
        user_id: UserId::new(),
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: Vec::new(),
        permissions: [P::DEF.key].into_iter().collect(),
    };
    Permit::check(&actor).unwrap()
}

/// One kitchen with the ingredients of the sample file.
pub(crate) struct Kitchen {
    pub(crate) db: Arc<TestDb>,
    pub(crate) tenant: TenantId,
}

impl Kitchen {
    pub(crate) async fn empty() -> Self {
        let db = TestDb::new().await;
        let tenant = db.tenant("greenfork").await;
        Self { db: Arc::new(db), tenant }
    }

    pub(crate) async fn stocked() -> Self {
        let kitchen = Self::empty().await;
        kitchen.import(csv_sample(), ImportMode::Apply).await.unwrap();
        kitchen
    }

    pub(crate) async fn run<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(TenantTx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.db.app.tenant(self.tenant).run(work).await
    }

    pub(crate) async fn book(&self) -> CatalogueBook {
        self.run(|tx| async move { load_book(&tx).await }).await.unwrap()
    }

    pub(crate) async fn import(
        &self,
        plan: ImportPlan,
        mode: ImportMode,
    ) -> Result<bk_kitchen::catalogue::ImportReport, bk_kitchen::catalogue::ImportError> {
        self.run(move |tx| async move {
            import_ingredients(&tx, &author(), &plan, mode, &mut |_, _| ()).await
        })
        .await
    }

    pub(crate) async fn ingredient(&self, key: &str) -> IngredientId {
        let book = self.book().await;
        let found = book.recipes.ingredients.iter().find(|(_, facts)| facts.key.as_str() == key);
        *found.unwrap().0
    }

    pub(crate) async fn confirm(
        &self,
        key: &str,
        allergens: &[Allergen],
    ) -> Result<(), SaveIngredientError> {
        let id = self.ingredient(key).await;
        let allergens: BTreeSet<_> = allergens.iter().copied().collect();
        self.run(move |tx| async move {
            save_ingredient::confirm_allergens(&tx, permit(), &author(), id, allergens).await
        })
        .await
        .map(drop)
    }

    pub(crate) async fn sub_recipe(
        &self,
        key: &str,
        yield_percent: i32,
        lines: Vec<DraftLine>,
    ) -> Result<RecipeId, SaveRecipeError> {
        let content = SubRecipeContent { name: key.to_owned(), yield_percent, lines };
        let key = key.to_owned();
        self.run(move |tx| async move {
            save_recipe::create_sub_recipe(&tx, permit(), &author(), key, content).await
        })
        .await
    }

    pub(crate) async fn change_sub_recipe(
        &self,
        id: RecipeId,
        lines: Vec<DraftLine>,
    ) -> Result<(), SaveRecipeError> {
        let book = self.book().await;
        let (entry, recipe) = (&book.sub_recipes[&id], &book.recipes.recipes[&id]);
        let which = (id, entry.entry.version);
        let content = SubRecipeContent {
            name: recipe.name.clone(),
            yield_percent: entry.yield_percent,
            lines,
        };
        self.run(move |tx| async move {
            save_recipe::update_sub_recipe(&tx, permit(), &author(), which, content).await
        })
        .await
    }

    pub(crate) async fn dish(
        &self,
        key: &str,
        lines: Vec<DraftLine>,
    ) -> Result<DishId, SaveRecipeError> {
        let (key, content) = (key.to_owned(), dish(key, lines));
        self.run(move |tx| async move {
            save_recipe::create_dish(&tx, permit(), &author(), key, content).await
        })
        .await
    }
}

pub(crate) fn dish(name: &str, lines: Vec<DraftLine>) -> DishContent {
    DishContent {
        name: name.to_owned(),
        description: String::new(),
        category: DishCategory::Balanced,
        shelf_life: ShelfLife::try_from(5).unwrap(),
        configurable: true,
        status: None,
        lines,
    }
}

/// The same line for both sizes.
pub(crate) fn both(part: Part, quantity: &str, unit: Unit) -> Vec<DraftLine> {
    let quantity = quantity.parse().unwrap();
    MealSize::ALL.map(|size| DraftLine { size: Some(size), part, quantity, unit }).to_vec()
}

/// A line of a sub-recipe.
pub(crate) fn batch(part: Part, quantity: &str, unit: Unit) -> DraftLine {
    DraftLine { size: None, part, quantity: quantity.parse().unwrap(), unit }
}

pub(crate) fn csv_sample() -> ImportPlan {
    import::csv::parse(include_bytes!("../../../../tests/data/ingredients.csv"))
}

pub(crate) fn open_food_sample() -> ImportPlan {
    import::open_food::parse(include_bytes!("../../../../tests/data/open-food-sample.json"))
}
