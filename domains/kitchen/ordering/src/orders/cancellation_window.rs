//! When an order may be cancelled.

use crate::weeks::{AfterCutoff, BeforeCutoff, OpenWindow};

/// Proof that an order may be cancelled when the operation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancellationWindow {
    /// A draft, while its window is open.
    Draft(OpenWindow),
    /// A confirmed order, before the cutoff.
    Confirmed(BeforeCutoff),
    /// A draft that is left over at the cutoff.
    LeftOver(AfterCutoff),
}
