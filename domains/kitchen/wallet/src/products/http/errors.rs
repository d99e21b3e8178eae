//! Why products are refused, as problems.

use bk_guard::Problem;
use bk_kernel::Code;

use crate::products::save_product::SaveProductError;

impl From<SaveProductError> for Problem {
    fn from(error: SaveProductError) -> Self {
        match error {
            SaveProductError::NotFound => Self::new(Code::NotFound),
            SaveProductError::Stale => Self::new(Code::PreconditionFailed),
            SaveProductError::KeyTaken => Self::new(Code::Conflict)
                .detail("There is an offer with this SKU or key; choose another."),
            SaveProductError::KeyFixed => Self::field(
                "/key",
                "immutable",
                "it never changes; leave it out or send the present one",
            ),
            SaveProductError::Db(error) => error.into(),
        }
    }
}
