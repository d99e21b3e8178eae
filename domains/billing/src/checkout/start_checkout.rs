//! The use case: a customer wants to pay for a pack.

use bk_contracts::checkout::{CheckoutError, PackCheckout, StartedCheckout};
use bk_kernel::{Clock, PurchaseId, TenantId};
use bk_persistence::{Database, DbError, TenantTx};
use chrono::{DateTime, TimeDelta, Utc};

use super::store;
use crate::{
    purchase::Page,
    stripe::{Labels, NewSession, OpenedSession, StripeGateway},
};

/// How long a payment page stays open. Stripe admits 30 minutes to 24 hours, counted from when it
/// hears of it, which for a resumed purchase is up to [`RESUMABLE_FOR`] later.
const PAGE_LIFETIME: TimeDelta = TimeDelta::hours(2);

/// How long a purchase that never got its page can be resumed by its idempotency key. Afterwards the
/// key starts a new purchase and the reconciliation cancels the old one.
pub(crate) const RESUMABLE_FOR: TimeDelta = TimeDelta::minutes(30);

/// Starts purchases.
#[derive(Clone)]
pub(crate) struct StartCheckout {
    pub(crate) db: Database,
    pub(crate) stripe: StripeGateway,
    pub(crate) clock: Clock,
}

/// A purchase to be written down.
#[derive(Debug, Clone)]
pub(super) struct NewPurchase {
    pub(super) id: PurchaseId,
    pub(super) asked: PackCheckout,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// What a purchase needs to get its page, or the page it has.
#[derive(Debug, Clone)]
pub(super) enum Opening {
    /// It has its page.
    Open(PurchaseId, Page),
    /// It has none yet; this is what to ask Stripe for.
    Closed(Box<NewSession>),
}

impl StartCheckout {
    /// Writes the purchase down, opens its page, stores the page. Killed anywhere in between, the
    /// same `request_key` goes on where it stopped: Stripe answers a repeated request with the page
    /// it opened the first time, because the purchase's id is its idempotency key.
    pub(crate) async fn start(
        &self,
        asked: PackCheckout,
    ) -> Result<StartedCheckout, CheckoutError> {
        let tenant = asked.tenant_id;
        let request_id = asked.request_id;
        match self.write_down(asked).await? {
            Opening::Open(id, page) => Ok(started(id, page)),
            Opening::Closed(new) => {
                let id = new.labels.purchase;
                let opened = self.stripe.open_session(&new).await.map_err(|error| {
                    tracing::warn!(%request_id, purchase_id = %id, %error, "no payment page could be opened");
                    CheckoutError::Provider
                })?;
                self.store_page(tenant, id, opened).await
            }
        }
    }

    async fn write_down(&self, asked: PackCheckout) -> Result<Opening, DbError> {
        let now = self.clock.now();
        let scope = self.db.tenant(asked.tenant_id);
        let new = NewPurchase {
            id: PurchaseId::new(),
            asked,
            created_at: now,
            expires_at: now + PAGE_LIFETIME,
        };
        scope.run(move |tx| async move { find_or_insert(&tx, &new, now).await }).await
    }

    async fn store_page(
        &self,
        tenant: TenantId,
        id: PurchaseId,
        opened: OpenedSession,
    ) -> Result<StartedCheckout, CheckoutError> {
        let stored = self.db.tenant(tenant).run(move |tx| async move {
            store::put_page(&tx, id, &opened).await?;
            // Another call with the same key may have been first; both were given the same page.
            store::page(&tx, id).await
        });
        match stored.await? {
            Some(page) => Ok(started(id, page)),
            // The reconciliation gave it up meanwhile: its page must not be paid.
            None => Err(CheckoutError::Provider),
        }
    }
}

async fn find_or_insert(
    tx: &TenantTx,
    new: &NewPurchase,
    now: DateTime<Utc>,
) -> Result<Opening, DbError> {
    if let Some(found) = store::by_request_key(tx, &new.asked).await? {
        if found.usable_at(now) {
            return found.opening(tx.tenant_id());
        }
        store::release_request_key(tx, found.id()).await?;
    }
    store::insert(tx, new).await?;
    // Whoever was first with this key: this call or one at the same moment.
    let found = match new.asked.request_key {
        Some(_) => store::by_request_key(tx, &new.asked).await?,
        None => store::by_id(tx, new.id).await?,
    };
    found.ok_or_else(|| DbError::other("a purchase vanished"))?.opening(tx.tenant_id())
}

fn started(purchase_id: PurchaseId, page: Page) -> StartedCheckout {
    StartedCheckout { purchase_id, checkout_url: page.url }
}

impl store::Found {
    /// Whether the same request still leads to this purchase.
    fn usable_at(&self, now: DateTime<Utc>) -> bool {
        self.purchase.page.is_some() || now < self.purchase.created_at + RESUMABLE_FOR
    }

    fn id(&self) -> PurchaseId {
        self.purchase.id
    }

    fn opening(self, tenant: TenantId) -> Result<Opening, DbError> {
        let Self { purchase, email, urls } = self;
        if let Some(page) = purchase.page {
            return Ok(Opening::Open(purchase.id, page));
        }
        let (success_url, cancel_url) =
            urls.ok_or_else(|| DbError::other("a purchase without a page has no return address"))?;
        Ok(Opening::Closed(Box::new(NewSession {
            labels: Labels { tenant, purchase: purchase.id },
            title: purchase.title,
            price: purchase.price,
            email,
            success_url,
            cancel_url,
            expires_at: purchase.expires_at,
        })))
    }
}
