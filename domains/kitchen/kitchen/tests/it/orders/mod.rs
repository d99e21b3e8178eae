//! Orders, from the first line to the last meal.

mod cancelling;
mod confirming;
mod confirming_at_once;
mod drafting;
