//! The use case: a customer wants to pay for a pack.

use bk_contracts::checkout::{CheckoutError, PackCheckout, StartedCheckout};
use bk_kernel::{OperationContext, PurchaseId, TenantId};
use bk_persistence::{Database, DbError};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    purchases::{
        NewPurchase, PageRequest, PaymentPage, Purchase, RecordedPurchase, attach_page,
        record_purchase,
    },
    stripe::{Metadata, NewSession, StripeGateway},
};

/// How long a payment page stays open. Stripe admits 30 minutes to 24 hours, counted from when it is
/// asked, which for a resumed purchase is up to half an hour
/// ([`RESUMABLE_FOR`](crate::purchases::RESUMABLE_FOR)) later.
const PAGE_LIFETIME: TimeDelta = TimeDelta::hours(2);

/// Starts purchases.
#[derive(Clone)]
pub(crate) struct StartCheckout {
    pub(crate) db: Database,
    pub(crate) stripe: StripeGateway,
}

impl StartCheckout {
    /// Records the purchase, opens its page, stores the page. When it is interrupted anywhere, the
    /// same `request_key` goes on where it stopped: Stripe answers a repeated request with the page
    /// it opened the first time, because the purchase's id is its idempotency key.
    ///
    /// Fails with [`CheckoutError::Provider`] when Stripe opens no page, or the purchase was
    /// cancelled in the meantime; nothing is charged then.
    pub(crate) async fn start(
        &self,
        ctx: &OperationContext,
        checkout: PackCheckout,
    ) -> Result<StartedCheckout, CheckoutError> {
        let RecordedPurchase { purchase, page_request } = self.record(ctx, checkout).await?;
        if let Some(page) = purchase.page {
            return Ok(started(purchase.id, page));
        }
        let request = page_request
            .ok_or_else(|| DbError::other("a purchase without a page has no return address"))?;
        let id = purchase.id;
        let session = new_session(ctx.tenant_id(), purchase, request);
        let opened = self.stripe.open_session(&session).await.map_err(|error| {
            let request_id = ctx.request_id();
            tracing::warn!(%request_id, purchase_id = %id, %error, "no payment page could be opened");
            CheckoutError::Provider
        })?;
        let page = PaymentPage { session_id: opened.id, url: opened.url };
        match self.attach(ctx, id, page).await? {
            Some(page) => Ok(started(id, page)),
            None => Err(CheckoutError::Provider),
        }
    }

    async fn record(
        &self,
        ctx: &OperationContext,
        checkout: PackCheckout,
    ) -> Result<RecordedPurchase, DbError> {
        let new = new_purchase(checkout, ctx.at());
        self.db.transaction(ctx, new, async |tx, new| record_purchase(&tx, &new).await).await
    }

    async fn attach(
        &self,
        ctx: &OperationContext,
        id: PurchaseId,
        page: PaymentPage,
    ) -> Result<Option<PaymentPage>, DbError> {
        let attached = self
            .db
            .transaction(ctx, (id, page), async |tx, (id, page)| attach_page(&tx, id, &page).await);
        attached.await
    }
}

fn new_purchase(checkout: PackCheckout, now: DateTime<Utc>) -> NewPurchase {
    NewPurchase {
        id: PurchaseId::new(),
        account_id: checkout.account_id,
        user_id: checkout.user_id,
        product_id: checkout.product_id,
        title: checkout.title,
        meals: checkout.meals,
        meal_size_g: checkout.meal_size_g,
        price: checkout.price,
        page_request: PageRequest {
            email: Some(checkout.email),
            success_url: checkout.success_url,
            cancel_url: checkout.cancel_url,
        },
        request_key: checkout.request_key,
        created_at: now,
        expires_at: now + PAGE_LIFETIME,
    }
}

fn new_session(tenant: TenantId, purchase: Purchase, page: PageRequest) -> NewSession {
    NewSession {
        metadata: Metadata { tenant_id: tenant, purchase_id: purchase.id },
        title: purchase.title,
        price: purchase.price,
        email: page.email,
        success_url: page.success_url,
        cancel_url: page.cancel_url,
        expires_at: purchase.expires_at,
    }
}

fn started(purchase_id: PurchaseId, page: PaymentPage) -> StartedCheckout {
    StartedCheckout { purchase_id, checkout_url: page.url }
}
