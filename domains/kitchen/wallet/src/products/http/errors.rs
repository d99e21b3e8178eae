//! Why products are refused, as problems.

use bk_guard::Problem;
use bk_kernel::Code;

use crate::products::save_offer::SaveOfferError;

impl From<SaveOfferError> for Problem {
    fn from(error: SaveOfferError) -> Self {
        match error {
            SaveOfferError::NotFound => Self::new(Code::NotFound),
            SaveOfferError::Stale => Self::new(Code::PreconditionFailed),
            SaveOfferError::KeyTaken => Self::new(Code::Conflict)
                .detail("There is an offer with this SKU or key; choose another."),
            SaveOfferError::Db(error) => error.into(),
        }
    }
}
