//! Whose an event's object is: from our own directory, never from what came with the event alone.

use bk_kernel::{PurchaseId, TenantId};
use bk_persistence::{Database, DbError};

use super::{
    inbox::{InboxEvent, Reason},
    process_event::ProcessError,
    store,
};
use crate::{
    ledger::{SettlePurchase, Target},
    stripe::{GatewayError, Labels, StripeGateway},
};

/// Finds the purchases that objects belong to, as the worker.
#[derive(Clone)]
pub(super) struct Locate {
    pub(super) db: Database,
    pub(super) stripe: StripeGateway,
    pub(super) ledger: SettlePurchase,
}

/// What an event leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Located {
    /// A purchase of ours.
    Purchase(Target),
    /// Nothing of ours.
    Nothing(Reason),
    /// It claims to be ours, and our records say otherwise.
    Contradiction,
}

impl Locate {
    /// Where `event` leads. An object that names a purchase of ours whose page is not stored yet is
    /// an error to be tried again: the call that opens the page is still on its way.
    pub(super) async fn find(&self, event: &InboxEvent) -> Result<Located, ProcessError> {
        let named = match (event.object_type.as_str(), &event.object_id, &event.payment_intent) {
            ("checkout.session", Some(session), _) => return self.session(session).await,
            ("payment_intent", Some(intent), _) | ("charge", _, Some(intent)) => intent,
            _ => return Ok(Located::Nothing(Reason::NotOurs)),
        };
        self.payment(named).await
    }

    async fn session(&self, session: &str) -> Result<Located, ProcessError> {
        if let Some((tenant, purchase)) = self.owner_of(session).await? {
            return Ok(Located::Purchase(Target {
                tenant,
                purchase,
                session: session.to_owned(),
                payment_intent: None,
            }));
        }
        let seen = match self.stripe.session(session).await {
            Ok(seen) => seen,
            Err(GatewayError::NotFound) => return Ok(Located::Nothing(Reason::Gone)),
            Err(error) => return Err(error.into()),
        };
        let Some(Labels { tenant, purchase }) = seen.labels else {
            return Ok(Located::Nothing(Reason::NotOurs));
        };
        match self.ledger.session_of(tenant, purchase).await? {
            None => Ok(Located::Nothing(Reason::NotOurs)),
            Some(None) => Err(ProcessError::PageNotStored),
            // It has another page, and this one was never in our records.
            Some(Some(_)) => Ok(Located::Contradiction),
        }
    }

    async fn payment(&self, intent: &str) -> Result<Located, ProcessError> {
        let (tenant, purchase, recorded) = match self.owner_of(intent).await? {
            Some((tenant, purchase)) => (tenant, purchase, true),
            None => match self.stripe.payment_intent(intent).await {
                Ok(seen) => match seen.labels {
                    Some(Labels { tenant, purchase }) => (tenant, purchase, false),
                    None => return Ok(Located::Nothing(Reason::NotOurs)),
                },
                Err(GatewayError::NotFound) => return Ok(Located::Nothing(Reason::Gone)),
                Err(error) => return Err(error.into()),
            },
        };
        let session = match self.ledger.session_of(tenant, purchase).await? {
            Some(Some(session)) => session,
            Some(None) => return Err(ProcessError::PageNotStored),
            None if recorded => return Ok(Located::Contradiction),
            None => return Ok(Located::Nothing(Reason::NotOurs)),
        };
        // The labels led to a purchase; the session that our records name for it decides, because
        // the settlement demands that it names this very payment.
        if self.owner_of(&session).await? != Some((tenant, purchase)) {
            return Ok(Located::Contradiction);
        }
        Ok(Located::Purchase(Target {
            tenant,
            purchase,
            session,
            payment_intent: Some(intent.to_owned()),
        }))
    }

    async fn owner_of(&self, object: &str) -> Result<Option<(TenantId, PurchaseId)>, DbError> {
        let object = object.to_owned();
        self.db.global(move |tx| async move { store::owner_of(&tx, &object).await }).await
    }
}
