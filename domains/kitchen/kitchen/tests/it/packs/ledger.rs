//! The sum of a pack's events is what it holds, whatever is done to it.

use bk_kernel::OrderId;
use bk_kitchen_core::MealSize;
use bk_kitchen_wallet::packs::{AdjustPack, adjust_pack};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

use crate::fixture::{Customer, Fixture, acting, friday};

#[derive(Debug, Clone, Copy)]
enum Deed {
    Buy { meals: i32, day: i64 },
    Order { meals: i32 },
    Cancel,
    Correct { nth: usize, delta: i32 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let one = prop_oneof![
        (1..=12, 0..5_i64).prop_map(|(meals, day)| Deed::Buy { meals, day }),
        (1..=20).prop_map(|meals| Deed::Order { meals }),
        Just(Deed::Cancel),
        (0..4_usize, -8..=8).prop_map(|(nth, delta)| Deed::Correct { nth, delta }),
    ];
    proptest::collection::vec(one, 1..14)
}

/// What the packs must hold, and the order that is live.
#[derive(Default)]
struct Expected {
    meals: i32,
    live: Option<(OrderId, i32)>,
}

async fn act(kitchen: &Fixture, customer: &Customer, deed: Deed, expected: &mut Expected) {
    match deed {
        Deed::Buy { meals, day } => {
            kitchen.pack(customer, MealSize::G300, meals, day).await;
            expected.meals += meals;
        }
        Deed::Order { meals } if expected.live.is_none() => {
            let draft = kitchen.draft(customer, &[("chicken", meals)]).await.unwrap();
            match kitchen.confirm(customer).await {
                Ok(_) => {
                    expected.meals -= meals;
                    expected.live = Some((draft.order.id, meals));
                }
                Err(_) => assert!(expected.meals < meals),
            }
        }
        Deed::Cancel => {
            if let Some((order, meals)) = expected.live.take() {
                kitchen.cancel_as(&kitchen.owner, order, friday()).await.unwrap();
                expected.meals += meals;
            }
        }
        Deed::Correct { nth, delta } => {
            let Some(pack) = kitchen.held_packs(customer).await.get(nth).cloned() else { return };
            let ctx = acting(&kitchen.owner);
            let adjust = AdjustPack {
                account_id: customer.account.id,
                pack_id: pack.pack.id,
                delta,
                reason: "Counted again".to_owned(),
            };
            let db = kitchen.kitchen.state().db();
            let corrected =
                db.transaction(&ctx, (ctx.clone(), adjust), async |tx, (ctx, adjust)| {
                    adjust_pack(&ctx, &tx, adjust).await
                });
            expected.meals += corrected.await.map_or(0, |_| delta);
        }
        Deed::Order { .. } => {}
    }
}

#[test]
fn whatever_is_done_the_events_of_a_pack_sum_to_what_it_holds() {
    let runtime = Runtime::new().unwrap();
    let kitchen = runtime.block_on(Fixture::new());
    let mut nth = 0;
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let mut next_customer = || {
        nth += 1;
        runtime.block_on(kitchen.customer(&format!("customer{nth}")))
    };
    let customers = std::cell::RefCell::new(&mut next_customer);
    let outcome = TestRunner::new(config).run(&deeds(), |deeds| {
        let customer = (customers.borrow_mut())();
        let mut expected = Expected::default();
        for deed in deeds {
            runtime.block_on(act(&kitchen, &customer, deed, &mut expected));
            let packs = runtime.block_on(kitchen.packs(&customer));
            prop_assert_eq!(packs.iter().map(|(meals, _)| meals).sum::<i32>(), expected.meals);
            for (meals, status) in packs {
                prop_assert_eq!(status, if meals == 0 { "EXHAUSTED" } else { "ACTIVE" });
            }
            prop_assert_eq!(runtime.block_on(kitchen.unbalanced_packs()), 0);
        }
        Ok(())
    });
    outcome.unwrap();
}
