//! The menu as customers see it.

use bk_kernel::UserId;
use bk_kitchen_ordering::suitability::{ClientMenu, ClientMenuError, WhichWeek, get_client_menu};
use chrono::{DateTime, TimeDelta, Utc};

use crate::fixture::{
    Customer, Fixture, WEEK, acting_at, client, closing, cutoff, friday, opening,
};

const NEXT: &str = "2026-W50";

async fn menu(
    kitchen: &Fixture,
    customer: &Customer,
    which: WhichWeek,
    now: DateTime<Utc>,
) -> Result<ClientMenu, ClientMenuError> {
    let snapshot = kitchen.kitchen.catalogue().snapshot(kitchen.tenant).await.unwrap();
    let ctx = acting_at(&customer.actor, now);
    kitchen
        .kitchen
        .tenant(kitchen.tenant)
        .read(move |tx| async move { get_client_menu(&ctx, &tx, &snapshot, which).await })
        .await
}

#[tokio::test]
async fn a_draft_is_hidden_until_it_is_published() {
    let kitchen = Fixture::without_menu().await;
    let sam = kitchen.customer("sam").await;
    kitchen.write_menu(WEEK, &[]).await;
    for which in [WhichWeek::Current, WhichWeek::Named(WEEK.parse().unwrap())] {
        let hidden = menu(&kitchen, &sam, which, friday()).await;
        assert!(matches!(hidden, Err(ClientMenuError::NotFound)));
    }
    kitchen.publish_menu(WEEK).await;
    let shown = menu(&kitchen, &sam, WhichWeek::Current, friday()).await.unwrap();
    assert_eq!((shown.week.times.name.to_string().as_str(), shown.dishes.len()), (WEEK, 5));
}

#[tokio::test]
async fn each_dish_says_how_it_suits_the_account_and_what_is_left() {
    let kitchen = Fixture::with_limits(&[("beef", 6)]).await;
    let sam = kitchen.customer_with_pack("sam", 10).await;
    kitchen.rule(&sam, "ALLERGEN", "milk").await;
    kitchen.rule(&sam, "DISLIKE", "beef").await;
    kitchen.rule(&sam, "LIKE", "chicken").await;
    kitchen.order(&sam, &[("beef", 4)]).await;
    let shown = menu(&kitchen, &sam, WhichWeek::Current, friday()).await.unwrap();
    let of = |key: &str| shown.dishes.iter().find(|dish| dish.dish.entry.key == key).unwrap();
    let shown_as: Vec<_> = ["creamy", "beef", "chicken"]
        .map(|key| (of(key).suitability.status.as_str(), of(key).suitability.score))
        .into();
    assert_eq!(shown_as, [("BLOCKED", -100), ("WARN", -30), ("OK", 25)]);
    assert_eq!((of("beef").left, of("chicken").left), (Some(2), None));
    // Another account has other preferences.
    let alex = kitchen.customer("alex").await;
    let shown = menu(&kitchen, &alex, WhichWeek::Current, friday()).await.unwrap();
    assert!(shown.dishes.iter().all(|dish| dish.suitability.status.as_str() == "OK"));
}

#[tokio::test]
async fn the_current_menu_is_of_the_open_week_or_of_the_next_to_open() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer("sam").await;
    kitchen.write_menu(NEXT, &[]).await;
    kitchen.publish_menu(NEXT).await;
    let millisecond = TimeDelta::milliseconds(1);
    for (now, expected) in [
        (opening() - TimeDelta::days(2), WEEK),
        (opening(), WEEK),
        (closing() - millisecond, WEEK),
        (closing(), NEXT),
        (cutoff(), NEXT),
    ] {
        let shown = menu(&kitchen, &sam, WhichWeek::Current, now).await.unwrap();
        assert_eq!(shown.week.times.name.to_string(), expected, "{now}");
    }
}

#[tokio::test]
async fn a_person_without_an_account_and_a_week_that_is_none_have_no_menu() {
    let kitchen = Fixture::new().await;
    let sam = kitchen.customer("sam").await;
    let stranger = Customer { actor: client(kitchen.tenant, UserId::new()), ..sam.clone() };
    let refused = menu(&kitchen, &stranger, WhichWeek::Current, friday()).await;
    assert!(matches!(refused, Err(ClientMenuError::NotFound)));
    let never = WhichWeek::Named("2031-W01".parse().unwrap());
    let refused = menu(&kitchen, &sam, never, friday()).await;
    assert!(matches!(refused, Err(ClientMenuError::NotFound)));
}
