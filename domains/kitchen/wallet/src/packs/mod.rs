//! Packs of meals an account has bought: the economic anchor (product page, section 2).
//!
//! Invariants: `meals_remaining` is never negative and equals the sum of the pack's event deltas at
//! every commit; meals leave packs oldest purchase first and return to the packs they came from; a
//! restored meal makes an `EXHAUSTED` pack `ACTIVE` again; `CANCELLED` is final.

mod buy_pack;
mod change_packs;
pub mod consumption;
mod entity;
mod http;
pub mod pack;
mod store;

pub use buy_pack::{BuyPack, BuyPackError, buy_pack};
pub use change_packs::{PacksError, adjust, consume, grant_pack, restore};
pub use consumption::{NotEnoughMeals, PackTake, available, plan_consumption, plan_restore};
pub use http::routes;
pub use pack::{Pack, PackChange, PackError, PackEvent, PackEventKind, PackStatus};
pub use store::{Cause, TitledPack, lock_packs, packs_of};
