//! Packs: how they are bought, and that their events sum to what they hold.

mod buying;
mod ledger;
