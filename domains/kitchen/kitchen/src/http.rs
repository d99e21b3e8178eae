//! What the handlers of the kitchen are given.

use actix_web::web::{Data, ServiceConfig};

use crate::Kitchen;

impl Kitchen {
    /// Attaches the states that the kitchen's handlers ask for.
    pub fn attach(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.state().clone()))
            .app_data(Data::new(self.catalogue().clone()));
    }
}
