//! The use case: find the purchase that an event concerns, by our own records and never by what came
//! with the event alone.

use bk_persistence::{Database, DbError, jobs::JobContext};

use super::{
    event::{EventReason, PendingEvent},
    process_event::ProcessError,
};
use crate::{
    ledger::SettlementTarget,
    purchases::{Purchase, PurchaseOwner, find_owner, find_purchase},
    stripe::{GatewayError, Metadata, StripeGateway},
};

/// Finds the purchases that objects of Stripe belong to, as the worker.
#[derive(Clone)]
pub(super) struct LocatePurchase {
    pub(super) db: Database,
    pub(super) stripe: StripeGateway,
}

/// Where an event leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// To a purchase of ours.
    Purchase(PurchaseOwner, SettlementTarget),
    /// To nothing of ours, for this reason.
    Nothing(EventReason),
    /// Its object claims to be ours, and our records say otherwise.
    Contradiction,
}

/// The payment page that our records name for a purchase.
enum RecordedPage {
    /// There is no such purchase.
    NoPurchase,
    /// The call that opens the page has not stored it yet.
    NotStored,
    /// The session of the page, `cs_…`.
    Session(String),
}

impl LocatePurchase {
    /// Returns where `event` leads.
    ///
    /// Fails with [`ProcessError::PageNotStored`] for an object that names a purchase of ours whose
    /// page is not stored yet, because the call that opens the page is still under way; and when
    /// Stripe or the database fails. All of these may succeed later.
    pub(super) async fn locate(
        &self,
        job: &JobContext,
        event: &PendingEvent,
    ) -> Result<Location, ProcessError> {
        match (event.object_type.as_str(), &event.object_id, &event.payment_intent) {
            ("checkout.session", Some(session), _) => self.by_session(job, session).await,
            ("payment_intent", Some(intent), _) | ("charge", _, Some(intent)) => {
                self.by_payment(job, intent).await
            }
            _ => Ok(Location::Nothing(EventReason::NotOurs)),
        }
    }

    async fn by_session(&self, job: &JobContext, session: &str) -> Result<Location, ProcessError> {
        if let Some(owner) = self.owner_of(session).await? {
            return Ok(purchase(owner, session, None));
        }
        let snapshot = match self.stripe.session(session).await {
            Ok(snapshot) => snapshot,
            Err(GatewayError::NotFound) => return Ok(Location::Nothing(EventReason::Gone)),
            Err(error) => return Err(error.into()),
        };
        let Some(claimed) = snapshot.metadata else {
            return Ok(Location::Nothing(EventReason::NotOurs));
        };
        match self.recorded_page(job, claimed.into()).await? {
            RecordedPage::NoPurchase => Ok(Location::Nothing(EventReason::NotOurs)),
            RecordedPage::NotStored => Err(ProcessError::PageNotStored),
            // It has another page, and this one was never in our records.
            RecordedPage::Session(_) => Ok(Location::Contradiction),
        }
    }

    async fn by_payment(&self, job: &JobContext, intent: &str) -> Result<Location, ProcessError> {
        let recorded = self.owner_of(intent).await?;
        let owner = match recorded {
            Some(owner) => owner,
            None => match self.stripe.payment_intent(intent).await {
                Ok(snapshot) => match snapshot.metadata {
                    Some(claimed) => claimed.into(),
                    None => return Ok(Location::Nothing(EventReason::NotOurs)),
                },
                Err(GatewayError::NotFound) => return Ok(Location::Nothing(EventReason::Gone)),
                Err(error) => return Err(error.into()),
            },
        };
        let session = match self.recorded_page(job, owner).await? {
            RecordedPage::Session(session) => session,
            RecordedPage::NotStored => return Err(ProcessError::PageNotStored),
            RecordedPage::NoPurchase if recorded.is_some() => return Ok(Location::Contradiction),
            RecordedPage::NoPurchase => return Ok(Location::Nothing(EventReason::NotOurs)),
        };
        // The metadata led to a purchase; the session that our records name for it decides, because
        // the settlement demands that it names this very payment.
        if self.owner_of(&session).await? != Some(owner) {
            return Ok(Location::Contradiction);
        }
        Ok(purchase(owner, &session, Some(intent)))
    }

    async fn owner_of(&self, object: &str) -> Result<Option<PurchaseOwner>, DbError> {
        let object = object.to_owned();
        self.db.global(move |tx| async move { find_owner(&tx, &object).await }).await
    }

    async fn recorded_page(
        &self,
        job: &JobContext,
        owner: PurchaseOwner,
    ) -> Result<RecordedPage, DbError> {
        let ctx = job.operation_of(owner.tenant_id);
        let id = owner.purchase_id;
        let found = self.db.read(&ctx, id, async |tx, id| find_purchase(&tx, id).await);
        let found: Option<Purchase> = found.await?;
        Ok(match found.map(|purchase| purchase.page) {
            None => RecordedPage::NoPurchase,
            Some(None) => RecordedPage::NotStored,
            Some(Some(page)) => RecordedPage::Session(page.session_id),
        })
    }
}

fn purchase(owner: PurchaseOwner, session: &str, payment_intent: Option<&str>) -> Location {
    let target = SettlementTarget {
        purchase: owner.purchase_id,
        session: session.to_owned(),
        payment_intent: payment_intent.map(str::to_owned),
    };
    Location::Purchase(owner, target)
}

impl From<Metadata> for PurchaseOwner {
    fn from(Metadata { tenant_id, purchase_id }: Metadata) -> Self {
        Self { tenant_id, purchase_id }
    }
}
