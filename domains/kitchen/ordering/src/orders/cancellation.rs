//! When an order may be cancelled.

use crate::weeks::{AfterCutoff, BeforeCutoff, OpenWindow};

/// Proof that the time for a cancellation is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancellationWindow {
    /// Of a draft while its window is open.
    Draft(OpenWindow),
    /// Of a confirmed order before the cutoff.
    Confirmed(BeforeCutoff),
    /// Of a draft that is left over at the cutoff.
    LeftOver(AfterCutoff),
}
