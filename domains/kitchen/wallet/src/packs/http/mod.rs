//! `/client/packs`, `/client/pack-products`, `/client/plans`, and packs below `/admin/accounts`.

mod admin;
mod client;
mod forms;

use bk_contracts::checkout::CheckoutError;
use bk_guard::{Problem, Routes};
use bk_kernel::Code;

use super::{PacksError, buy_pack::BuyPackError, pack::PackError};

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(client::list_own_packs)
        .mount(client::list_pack_products_for_sale)
        .mount(client::list_plans_for_sale)
        .mount(client::buy_pack)
        .mount(admin::list_account_packs)
        .mount(admin::adjust_account_pack);
}

impl From<BuyPackError> for Problem {
    fn from(error: BuyPackError) -> Self {
        match error {
            BuyPackError::NotFound => Self::new(Code::NotFound),
            BuyPackError::Account(status) => {
                Self::new(Code::AccountInactive).detail(format!("The account is {status}."))
            }
            BuyPackError::ReturnUrl { field } => Self::field(
                format!("/{field}"),
                "choice",
                "a web address on one of the kitchen's return origins",
            ),
            BuyPackError::Checkout(CheckoutError::Provider) => Self::new(Code::Unavailable)
                .detail("The payment page cannot be opened right now. Nothing was charged.")
                .retry_after(10),
            BuyPackError::Checkout(CheckoutError::Db(error)) | BuyPackError::Db(error) => {
                error.into()
            }
        }
    }
}

impl From<PacksError> for Problem {
    fn from(error: PacksError) -> Self {
        match error {
            PacksError::NotFound => Self::new(Code::NotFound),
            PacksError::NotEnough(short) => {
                Self::new(Code::NotEnoughMeals).detail(format!("{short}."))
            }
            PacksError::Pack(PackError::State { status }) => Self::state(status),
            PacksError::Pack(PackError::NotEnough { remaining }) => Self::new(Code::NotEnoughMeals)
                .detail(format!("The pack has {remaining} meals left.")),
            PacksError::Pack(PackError::Meals) => {
                Self::field("/delta", "range", "meals to add or reservation, not zero")
            }
            PacksError::Db(error) => error.into(),
        }
    }
}
