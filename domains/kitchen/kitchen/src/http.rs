//! What the kitchen registers with the host: the sum of what its crates register.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use bk_guard::{Domain, Registration};
use bk_kitchen_core::permissions;
use bk_kitchen_ordering::weeks;
use bk_persistence::{EventHandler, invalidation::Subscriber, jobs::Registry};

use crate::{Kitchen, facts::KitchenFacts};

impl Domain for Kitchen {
    fn registration() -> Registration {
        Registration::new("kitchen")
            .permissions(permissions::ALL)
            .tag("accounts", "Accounts: the paying customers, their packs and orders")
            .tag("components", "Sides: what a dish is plated with, in three tiers")
            .tag("dishes", "Dishes and their recipes, with computed allergens and nutrition")
            .tag("ingredients", "Ingredients, their allergens, import and export")
            .tag("menu", "The menu as a customer sees it")
            .tag("menus", "Menus of the weeks, as the kitchen writes them")
            .tag("orders", "Orders: draft, confirm, cancel")
            .tag("pack products", "Pack products: what is sold")
            .tag("packs", "Packs of meals")
            .tag("plans", "Subscription plans")
            .tag("presets", "Presets: how a dish is plated unless the order says otherwise")
            .tag("production", "The production plan and its sheets")
            .tag("recipes", "Sub-recipes, which dishes and sides are made with")
            .tag("weeks", "Order weeks")
            .routes(bk_kitchen_accounts::routes)
            .routes(bk_kitchen_catalogue::routes)
            .routes(bk_kitchen_wallet::routes)
            .routes(bk_kitchen_ordering::routes)
            .routes(bk_kitchen_production::routes)
    }

    fn app_data(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.state().clone()))
            .app_data(Data::new(self.catalogue().clone()));
    }

    fn jobs(&self, registry: &mut Registry) {
        weeks::register_jobs(self.state(), registry);
        bk_kitchen_production::register_jobs(self.catalogue(), registry);
    }

    fn fact_handlers(&self) -> Vec<Arc<dyn EventHandler>> {
        vec![Arc::new(KitchenFacts(self.state().clone()))]
    }

    fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        self.catalogue().invalidations()
    }
}
