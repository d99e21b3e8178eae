//! The simulator as its users see it: through Stripe's own client, a browser and a webhook endpoint.

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
mod shapes;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhooks;
