//! The slices together, in a database: what a kitchen promises its customers, with real rows, real
//! roles and real concurrency.

mod accounts;
mod cancelling;
mod catalogue;
mod confirming;
mod confirming_at_once;
mod drafting;
mod fakes;
mod fixture;
mod menus;
mod pack_ledger;
mod packs;
mod weeks;
