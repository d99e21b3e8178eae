//! What the domain registers with the host.

use actix_web::web::{self, ServiceConfig};
use bk_guard::{Domain, Registration};
use bk_persistence::invalidation::Subscriber;

use crate::{Admin, audit_log, permissions, roles, settings, tenants};

impl Domain for Admin {
    fn registration() -> Registration {
        Registration::new("admin")
            .permissions(permissions::ALL)
            .tag("audit", "The audit log")
            .tag("roles", "Roles and the permission catalogue")
            .tag("settings", "Settings of a tenant")
            .tag("tenants", "Tenants, for operators")
            .routes(tenants::http::routes)
            .routes(settings::http::routes)
            .routes(roles::http::routes)
            .routes(audit_log::http::routes)
    }

    fn app_data(&self, config: &mut ServiceConfig) {
        config.app_data(web::Data::new(self.clone()));
    }

    fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        self.ports().invalidations()
    }
}
