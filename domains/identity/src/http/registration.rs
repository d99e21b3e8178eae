//! What the domain registers with the host.

use actix_web::web::{Data, ServiceConfig};
use bk_guard::{Domain, Registration};
use bk_persistence::{invalidation::Subscriber, jobs::Registry};

use crate::{Identity, invitations, jobs, members, permissions, sessions};

impl Domain for Identity {
    fn registration() -> Registration {
        Registration::new("identity")
            .permissions(permissions::ALL)
            .tag("sessions", "Logging in and out, sessions")
            .tag("invitations", "Invitations and accepting them")
            .tag("members", "Staff and their roles")
            .routes(sessions::http::routes)
            .routes(invitations::http::routes)
            .routes(members::http::routes)
    }

    fn app_data(&self, config: &mut ServiceConfig) {
        config.app_data(Data::new(self.clone()));
    }

    fn jobs(&self, registry: &mut Registry) {
        jobs::register(self, registry);
    }

    fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        sessions::invalidations(self.cache())
    }
}
