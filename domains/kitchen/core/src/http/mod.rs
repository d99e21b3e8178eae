//! What the HTTP rooms of the kitchen share.

mod choice;

pub use choice::TierChoice;
