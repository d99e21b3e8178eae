//! What every change of packs has in common. Callers hold the account's lock.

use bk_kernel::PackId;
use bk_persistence::DbError;
use thiserror::Error;

use super::{
    consumption::NotEnoughMeals,
    pack::{Pack, PackChange, PackError, PackEvent},
};

/// Why packs could not be changed.
#[derive(Debug, Error)]
pub enum PacksError {
    /// There is no such pack in the account.
    #[error("no such pack")]
    NotFound,
    /// Too few meals of a size.
    #[error(transparent)]
    NotEnough(#[from] NotEnoughMeals),
    /// The pack's state or count does not allow it.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The packs could not be read or stored.
    #[error("the packs could not be read or stored")]
    Db(#[from] DbError),
}

/// Applies a change to one of the packs and notes its events.
pub(super) fn push_change(
    packs: &[Pack],
    id: PackId,
    change: PackChange,
    events: &mut Vec<(PackId, PackEvent)>,
) -> Result<Pack, PacksError> {
    let pack = packs.iter().find(|pack| pack.id == id).ok_or(PacksError::NotFound)?;
    let (after, changes) = pack.apply(change)?;
    events.extend(changes.into_iter().map(|event| (id, event)));
    Ok(after)
}
