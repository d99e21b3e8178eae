//! What billing registers with the host.

use actix_web::web::{self, ServiceConfig};
use bk_guard::{Domain, Registration};
use bk_persistence::jobs::Registry;

use crate::{Billing, ledger, permissions, stripe_events, transactions};

impl Domain for Billing {
    fn registration() -> Registration {
        Registration::new("billing")
            .permissions(permissions::ALL)
            .tag("transactions", "Payments")
            .tag("webhooks", "Where Stripe delivers its events, and what became of them")
            .routes(transactions::http::routes)
            .routes(stripe_events::http::routes)
            .routes(ledger::http::routes)
            .root_routes(stripe_events::http::root_routes)
    }

    fn app_data(&self, config: &mut ServiceConfig) {
        config.app_data(web::Data::new(self.clone()));
    }

    fn jobs(&self, registry: &mut Registry) {
        self.register_jobs(registry);
    }
}
