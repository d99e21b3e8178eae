//! New ids in Stripe's format: a prefix for the kind of object, then random letters and digits.
//!
//! Their order says nothing about the order of creation, just as with Stripe.

use rand::RngExt;
use rand::distr::Alphanumeric;

/// Returns `prefix` followed by `len` random letters and digits.
pub(crate) fn random(prefix: &str, len: usize) -> String {
    let tail = rand::rng().sample_iter(Alphanumeric).take(len).map(char::from);
    prefix.chars().chain(tail).collect()
}

pub(crate) fn checkout_session() -> String {
    random("cs_test_a1", 56)
}

pub(crate) fn payment_intent() -> String {
    random("pi_3", 23)
}

pub(crate) fn charge() -> String {
    random("ch_3", 23)
}

pub(crate) fn payment_method() -> String {
    random("pm_1", 23)
}

pub(crate) fn balance_transaction() -> String {
    random("txn_3", 23)
}

pub(crate) fn refund() -> String {
    random("re_3", 23)
}

pub(crate) fn customer() -> String {
    random("cus_", 14)
}

pub(crate) fn product() -> String {
    random("prod_", 14)
}

pub(crate) fn price() -> String {
    random("price_1", 23)
}

pub(crate) fn line_item() -> String {
    random("li_1", 23)
}

pub(crate) fn event() -> String {
    random("evt_1", 23)
}

pub(crate) fn request() -> String {
    random("req_", 14)
}
