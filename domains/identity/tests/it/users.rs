//! The users of a tenant, as other domains see them.

use bk_contracts::identity::UserDirectory;
use bk_persistence::DbError;

use crate::support::World;

#[tokio::test]
async fn the_directory_knows_names_and_whether_a_role_is_held() {
    let world = World::new().await;
    let kim = world.user("kim@greenfork.test", &["kitchen"]).await;
    let zoe = world.user_of(world.northside, "zoe@northside.test", &["driver"]).await;
    let input = (world.identity.clone(), [kim, zoe]);
    let outcome: Result<_, DbError> = world
        .db
        .app
        .read(&world.system(world.greenfork), input, async |tx, (identity, ids)| {
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
