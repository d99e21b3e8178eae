//! A stateful simulator of Stripe's API, checkout pages and webhooks. The API host starts it in development, tests
//! start it in their own process, and the binary `stripe-sim` runs it alone.
//!
//! # Implemented
//!
//! - `POST/GET /v1/checkout/sessions`, `GET …/{id}`, `POST …/{id}/expire`, `GET …/{id}/line_items`, for
//!   `mode=payment` with the hosted page; guests, customers and `customer_creation`.
//! - `GET /v1/payment_intents[/{id}]`, `/v1/charges[/{id}]`, `/v1/balance_transactions[/{id}]`,
//!   `/v1/events[/{id}]`.
//! - `POST/GET /v1/customers[/{id}]`, `/v1/products[/{id}]`, `/v1/prices[/{id}]` (a `POST` on an id
//!   updates), `POST/GET /v1/refunds`, `GET /v1/refunds/{id}`.
//! - Bearer and basic authentication, `Idempotency-Key`, `Stripe-Version`, `Request-Id`, `expand[]`,
//!   metadata, cursors, `created` filters, Stripe's error bodies. Unknown parameters are rejected, so a
//!   parameter that the simulator does not implement is never silently ignored.
//! - The events of a card payment, a decline, an expiry and a refund, signed, sent to one endpoint and retried
//!   until it answers with a 2xx status; repeated and out of order on purpose ([`Chaos`]).
//! - Pages: `/` (sessions, events, deliveries) and `/c/pay/{session}` (checkout).
//! - Control of the simulator, which Stripe does not have: `POST /_sim/sessions/{id}/{pay|decline|expire}`,
//!   `POST /_sim/events/{id}/deliver`, `GET /_sim/state`, and the methods of [`SimHandle`].
//!
//! # Not implemented
//!
//! Creating or confirming payment intents and charges without Checkout, changing sessions and refunds,
//! subscriptions, invoices, the customer portal, setup mode, embedded checkout, taxes, shipping, discounts,
//! promotion codes, payment methods other than a card, 3-D Secure, disputes, failed refunds, Connect
//! accounts, deletion, search, files, rate limits, other API versions than [`API_VERSION`], events about
//! customers, products and prices, and `v0` signatures. Amounts below Stripe's minimum per currency are
//! accepted. The fee is a flat 1.7 % + 30.

#![recursion_limit = "256"]

mod account;
mod api;
mod app_state;
mod config;
mod control;
mod delivery;
mod error;
mod handle;
mod ids;
mod money;
mod outbox;
mod pages;
mod server;
mod state_file;

pub use account::{Attempt, AttemptOutcome, DeliveryStatus, EventRecord};
pub use config::{API_VERSION, Chaos, NowFn, RetryPolicy, SimConfig, SimError, WebhookTarget};
pub use error::{ApiError, ErrorType};
pub use handle::SimHandle;
pub use server::Simulator;
