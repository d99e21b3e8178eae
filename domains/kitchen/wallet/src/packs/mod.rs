//! Packs of meals an account has bought: the economic anchor (docs/product.md, section 2).
//!
//! Invariants: `meals_remaining` is never negative and equals the sum of the pack's event deltas at
//! every commit; meals leave packs oldest purchase first and return to the packs they came from; a
//! restored meal makes an `EXHAUSTED` pack `ACTIVE` again; `CANCELLED` is final.

mod adjust_pack;
mod buy_pack;
mod change_packs;
mod consume_meals;
pub mod consumption;
mod entity;
mod grant_pack;
mod http;
pub mod pack;
mod read_packs;
mod restore_meals;
mod store;

pub use adjust_pack::{AdjustPack, adjust_pack};
pub use buy_pack::{BuyPack, BuyPackError, buy_pack};
pub use change_packs::PacksError;
pub use consume_meals::consume_meals;
pub use consumption::{MealReservation, NotEnoughMeals, available, plan_consumption, plan_restore};
pub use grant_pack::grant_pack;
pub use http::routes;
pub use pack::{Pack, PackChange, PackError, PackEvent, PackEventKind, PackStatus, TitledPack};
pub use read_packs::{account_packs, meals_left, own_packs};
pub use restore_meals::restore_meals;
