//! The users of a tenant, as other domains see them.

use bk_contracts::identity::UserDirectory;
use bk_persistence::DbError;

use crate::fixture::Fixture;

#[tokio::test]
async fn the_directory_knows_names_and_whether_a_role_is_held() {
    let fixture = Fixture::new().await;
    let kim = fixture.user("kim@greenfork.test", &["kitchen"]).await;
    let zoe = fixture.user_of(fixture.northside, "zoe@northside.test", &["driver"]).await;
    let input = (fixture.identity.clone(), [kim, zoe]);
    let outcome: Result<_, DbError> = fixture
        .db
        .app
        .read(&fixture.system(fixture.greenfork), input, async |tx, (identity, ids)| {
            let is_held = identity.role_in_use(&tx, "kitchen").await?;
            let is_held_elsewhere = identity.role_in_use(&tx, "driver").await?;
            Ok((identity.summaries(&tx, &ids).await?, is_held, is_held_elsewhere))
        })
        .await;
    let (people, is_held, is_held_elsewhere) = outcome.unwrap();
    assert_eq!(people.iter().map(|person| person.id).collect::<Vec<_>>(), [kim]);
    assert!(is_held);
    assert!(!is_held_elsewhere, "the other tenant's driver does not count");
}
