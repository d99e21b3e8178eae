//! Stand-ins for the other domains.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::{
    checkout::{Checkout, CheckoutError, PackCheckout, StartedCheckout},
    identity::{InviteError, NewUser, UserDirectory, UserSummary},
    tenants::{AllowedOrigins, ScheduleSettings, TenantRef, TenantSettings, TenantStatus, Tenants},
};
use bk_kernel::{PurchaseId, Surface, TenantId, UserId};
use bk_persistence::{DbError, TenantTx};

/// Where the tenant's checkouts may return to.
pub(super) const RETURN_ORIGIN: &str = "https://shop.example";

/// The schedule that a kitchen starts with, in a zone.
pub(super) fn standard_schedule(zone: &str) -> ScheduleSettings {
    ScheduleSettings {
        time_zone: zone.to_owned(),
        window_opens: "FRI 12:00".to_owned(),
        window_closes: "MON 00:00".to_owned(),
        cutoff: "MON 09:00".to_owned(),
    }
}

/// One tenant whose settings can be changed.
pub(super) struct OneTenant {
    tenant: TenantId,
    slug: &'static str,
    schedule: Mutex<ScheduleSettings>,
}

impl OneTenant {
    pub(super) fn new(tenant: TenantId, slug: &'static str) -> Self {
        Self { tenant, slug, schedule: Mutex::new(standard_schedule("Australia/Brisbane")) }
    }

    pub(super) fn set_schedule(&self, schedule: ScheduleSettings) {
        *self.schedule.lock().unwrap() = schedule;
    }
}

#[async_trait]
impl Tenants for OneTenant {
    async fn by_slug(&self, _: &str) -> Result<Option<TenantRef>, DbError> {
        Ok(None)
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        Ok((tenant == self.tenant).then(|| {
            Arc::new(TenantSettings {
                tenant_id: tenant,
                slug: self.slug.to_owned(),
                name: "Test kitchen".to_owned(),
                status: TenantStatus::Active,
                currency: "AUD".parse().unwrap(),
                schedule: self.schedule.lock().unwrap().clone(),
                origins: AllowedOrigins::default(),
                return_origins: vec![RETURN_ORIGIN.to_owned()],
            })
        }))
    }

    async fn origin_known(&self, _: Surface, _: &str) -> Result<bool, DbError> {
        Ok(false)
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        Ok(vec![self.tenant])
    }
}

/// Everybody who was invited or hired.
#[derive(Default)]
pub(super) struct People(Mutex<BTreeMap<UserId, String>>);

impl People {
    pub(super) fn hire(&self, email: &str) -> UserId {
        let user = UserId::new();
        self.0.lock().unwrap().insert(user, email.to_owned());
        user
    }
}

#[async_trait]
impl UserDirectory for People {
    async fn invite(&self, _: &TenantTx, new: NewUser) -> Result<UserId, InviteError> {
        assert_eq!(new.roles, ["client"]);
        if self.0.lock().unwrap().values().any(|email| *email == new.email) {
            return Err(InviteError::EmailTaken);
        }
        Ok(self.hire(&new.email))
    }

    async fn summaries(&self, _: &TenantTx, ids: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
        let people = self.0.lock().unwrap();
        let known = ids.iter().filter_map(|id| Some((*id, people.get(id)?.clone())));
        Ok(known
            .map(|(id, email)| UserSummary { id, display_name: email.clone(), email })
            .collect())
    }

    async fn role_in_use(&self, _: &TenantTx, _: &str) -> Result<bool, DbError> {
        Ok(false)
    }

    async fn forget_sessions(&self, _: &TenantTx) -> Result<(), DbError> {
        Ok(())
    }
}

/// Remembers what was to be paid for.
#[derive(Default)]
pub(super) struct Till(pub(super) Mutex<Vec<PackCheckout>>);

#[async_trait]
impl Checkout for Till {
    async fn start_pack(&self, checkout: PackCheckout) -> Result<StartedCheckout, CheckoutError> {
        self.0.lock().unwrap().push(checkout);
        Ok(StartedCheckout {
            purchase_id: PurchaseId::new(),
            checkout_url: "https://pay.example/1".to_owned(),
        })
    }
}
