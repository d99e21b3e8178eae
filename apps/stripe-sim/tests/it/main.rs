//! Tests of the simulator through its interfaces: Stripe's API (also with a typed Stripe client), the checkout
//! pages, the webhook endpoint and the handle.

#![expect(clippy::disallowed_methods, reason = "tests have clients and read the machine's clock")]

#[cfg(test)]
mod api;
#[cfg(test)]
mod checkout;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod support;
#[cfg(test)]
mod typed_client;
#[cfg(test)]
mod webhooks;
