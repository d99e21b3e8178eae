//! A database is used only by programs of its environment, and migrated only by them.

use bk_migrations::{MigrateError, migrate, pending};
use bk_persistence::{
    Environment,
    environment::{EnvironmentError, check},
};
use bk_testing::TestDb;

#[tokio::test]
async fn a_program_of_another_environment_is_refused() {
    let db = TestDb::new().await;
    check(&db.app, Environment::Test).await.unwrap();
    let refused = check(&db.app, Environment::Production).await.unwrap_err();
    assert!(matches!(
        &refused,
        EnvironmentError::Mismatch { expected: Environment::Production, found } if found == "test"
    ));
    let refused = migrate(&db.url, Environment::Development).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Environment(EnvironmentError::Mismatch { .. })));
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let db = TestDb::new().await;
    let two =
        tokio::join!(migrate(&db.url, Environment::Test), migrate(&db.url, Environment::Test));
    two.0.unwrap();
    two.1.unwrap();
    let missing = db.app.global(async |tx| pending(&tx).await).await.unwrap();
    assert!(missing.is_empty(), "{missing:?}");
}
