//! What stores are written with: the tenant, the version and the page in every statement.

use bk_kernel::{Cursor, Limit, OperationContext, Page, TenantId};
use bk_persistence::store::*;
use bk_testing::TestDb;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::notebook::{self, system};

mod recipe {
    use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recipes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title: String,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity, id, version);
}

const SCHEMA: &str = "
    SET ROLE bk_owner;
    CREATE TABLE recipes (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        title text NOT NULL,
        version bigint NOT NULL,
        PRIMARY KEY (tenant_id, id)
    );
    GRANT SELECT, INSERT, UPDATE, DELETE ON recipes TO bk_app;
    RESET ROLE;
";

/// A database whose recipes no fence guards: what is left out is left out by the helpers.
async fn database() -> (TestDb, OperationContext, OperationContext) {
    let db = notebook::database(2).await;
    sqlx::raw_sql(AssertSqlSafe(SCHEMA)).execute(&db.admin).await.unwrap();
    (db, system(TenantId::new()), system(TenantId::new()))
}

async fn add(db: &TestDb, ctx: &OperationContext, id: Uuid, title: &'static str) {
    let insert = db.app.transaction(ctx, (id, title), async |tx, (id, title)| {
        tenant_sql(
            &tx,
            "INSERT INTO recipes (tenant_id, id, title, version) VALUES ($1, $2, $3, 1)",
        )
        .bind(id)
        .bind(title)
        .execute(&tx)
        .await
    });
    assert_eq!(insert.await.unwrap(), 1);
}

async fn title(db: &TestDb, ctx: &OperationContext, id: Uuid) -> Option<(String, i64)> {
    let find = db.app.read(ctx, id, async |tx, id| find_in_tenant::<recipe::Entity>(&tx, id).await);
    find.await.unwrap().map(|row| (row.title, row.version))
}

fn retitle(title: &str) -> recipe::ActiveModel {
    recipe::ActiveModel { title: Set(title.to_owned()), ..Default::default() }
}

#[tokio::test]
async fn a_row_is_found_locked_and_changed_by_its_own_tenant_only() {
    let (db, ours, theirs) = database().await;
    let id = Uuid::now_v7();
    add(&db, &ours, id, "soup").await;
    assert_eq!(title(&db, &ours, id).await, Some(("soup".to_owned(), 1)));
    assert_eq!(title(&db, &theirs, id).await, None);
    let attempt = db.app.transaction(&theirs, id, async |tx, id| {
        let locked = lock_in_tenant::<recipe::Entity>(&tx, id).await?;
        let touched = touch(&tx, id, retitle("stolen")).await?;
        let updated = update_in_tenant(&tx, id, retitle("stolen")).await?;
        let deleted = delete_in_tenant::<recipe::Entity>(&tx, id).await?;
        Ok::<_, DbError>((locked.is_some(), touched, updated, deleted))
    });
    assert_eq!(attempt.await.unwrap(), (false, false, false, false));
    assert_eq!(title(&db, &ours, id).await, Some(("soup".to_owned(), 1)));
}

#[tokio::test]
async fn a_touch_raises_the_version_and_one_with_an_old_version_changes_nothing() {
    let (db, ours, _) = database().await;
    let id = Uuid::now_v7();
    add(&db, &ours, id, "soup").await;
    let touches = db.app.transaction(&ours, id, async |tx, id| {
        let first = touch_version(&tx, id, 1, retitle("broth")).await?;
        let late = touch_version(&tx, id, 1, retitle("water")).await?;
        let any = touch(&tx, id, retitle("bisque")).await?;
        Ok::<_, DbError>((first, late, any))
    });
    assert_eq!(touches.await.unwrap(), (true, false, true));
    assert_eq!(title(&db, &ours, id).await, Some(("bisque".to_owned(), 3)));
    let rest = db.app.transaction(&ours, id, async |tx, id| {
        let updated = update_in_tenant(&tx, id, retitle("stock")).await?;
        let locked = lock_in_tenant::<recipe::Entity>(&tx, id).await?.map(|row| row.version);
        Ok::<_, DbError>((updated, locked, delete_in_tenant::<recipe::Entity>(&tx, id).await?))
    });
    assert_eq!(rest.await.unwrap(), (true, Some(3), true));
    assert_eq!(title(&db, &ours, id).await, None);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_in_either_order_and_within_the_tenant() {
    let (db, ours, theirs) = database().await;
    let ids: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
    for id in &ids {
        add(&db, &ours, *id, "soup").await;
        add(&db, &theirs, Uuid::now_v7(), "secret").await;
    }
    for (order, expected) in
        [(Order::Asc, ids.clone()), (Order::Desc, ids.iter().rev().copied().collect())]
    {
        let (mut seen, mut sizes, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let page = page(&db, &ours, order.clone(), after).await;
            sizes.push(page.items.len());
            seen.extend(page.items.iter().map(|row| row.id));
            after = page.next_cursor.as_deref().and_then(Cursor::decode);
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen, sizes), (expected, vec![2, 2, 1]));
    }
}

async fn page(
    db: &TestDb,
    ctx: &OperationContext,
    order: Order,
    after: Option<Cursor>,
) -> Page<recipe::Model> {
    let read = db.app.read(ctx, (order, after), async |tx, (order, after)| {
        let limit = Limit::new(2).unwrap();
        let select = in_tenant::<recipe::Entity>(&tx);
        page_by_key(&tx, select, recipe::Column::Id, order, limit, after).await
    });
    read.await.unwrap()
}

#[tokio::test]
async fn a_row_that_cannot_be_read_fails_the_page_and_is_not_left_out() {
    #[derive(Debug)]
    struct Soup;

    impl TryFrom<recipe::Model> for Soup {
        type Error = DbError;

        fn try_from(row: recipe::Model) -> Result<Self, DbError> {
            if row.title == "soup" { Ok(Self) } else { Err(corrupt_row("recipe")) }
        }
    }

    let (db, ours, _) = database().await;
    add(&db, &ours, Uuid::now_v7(), "soup").await;
    add(&db, &ours, Uuid::now_v7(), "?").await;
    let read = db.app.read(&ours, (), async |tx, ()| {
        let select = in_tenant::<recipe::Entity>(&tx);
        page_by_key::<_, Soup>(&tx, select, recipe::Column::Id, Order::Asc, Limit::DEFAULT, None)
            .await
    });
    assert!(matches!(read.await, Err(DbError::Other(why)) if why.to_string().contains("recipe")));
}

#[tokio::test]
async fn a_statement_gives_rows_values_and_whether_there_are_any() {
    let (db, ours, _) = database().await;
    let (soup, stew) = (Uuid::now_v7(), Uuid::now_v7());
    add(&db, &ours, soup, "soup").await;
    add(&db, &ours, stew, "stew").await;
    let read = db.app.read(&ours, (soup, stew), async |tx, (soup, stew)| {
        let titles: Vec<String> = tenant_sql(
            &tx,
            "SELECT title FROM recipes WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY title",
        )
        .bind_ids([stew, soup])
        .values(&tx)
        .await?;
        let count: i64 =
            tenant_sql(&tx, "SELECT count(*) FROM recipes WHERE tenant_id = $1").value(&tx).await?;
        let named = |title| {
            tenant_sql(&tx, "SELECT title FROM recipes WHERE tenant_id = $1 AND title = $2")
                .bind(title)
        };
        let none: Option<String> = named("fish").value_opt(&tx).await?;
        let there = (named("soup").exists(&tx).await?, named("fish").exists(&tx).await?);
        let missing = named("fish").value::<String>(&tx).await;
        assert!(matches!(missing, Err(DbError::Other(_))), "{missing:?}");
        Ok::<_, DbError>((titles, count, none, there))
    });
    let expected = (vec!["soup".to_owned(), "stew".to_owned()], 2, None, (true, false));
    assert_eq!(read.await.unwrap(), expected);
}
