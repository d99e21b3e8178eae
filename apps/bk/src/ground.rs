//! What commands stand on: the settings, the server, the database per role, the product.

use std::error::Error;

use bk_api::{
    Product, ProductParts,
    config::StorageSettings,
    pages::development::Mailbox,
    storage::{self, Storage},
};
use bk_billing::{StripeConfigError, StripeSettings};
use bk_identity::PasswordPool;
use bk_kernel::{Clock, Environment};
use bk_persistence::{Database, DbRole, invalidation::ListenerStatus};

/// A database that is at this version, opened.
pub(crate) struct Ground {
    pub(crate) environment: Environment,
    pub(crate) app: Database,
    pub(crate) platform: Database,
    storage: Storage,
}

impl Ground {
    /// Opens the database the settings name. Development's is prepared first; production's must be.
    pub(crate) async fn open() -> Result<Self, Box<dyn Error>> {
        let settings = StorageSettings::from_env()?;
        let mut storage =
            Storage::open(&settings.database, settings.admin.clone(), &settings.data_dir).await?;
        let opened = async {
            if settings.environment == Environment::Development {
                storage.prepare().await?;
            }
            let app = storage.connect(DbRole::App).await?;
            storage::check(&app, settings.environment).await?;
            Ok((app, storage.connect(DbRole::Platform).await?))
        };
        match opened.await {
            Ok((app, platform)) => {
                Ok(Self { environment: settings.environment, app, platform, storage })
            }
            Err(error) => {
                storage.close().await;
                Err(error)
            }
        }
    }

    /// The domains, without mail and payments: commands have no use for those.
    pub(crate) fn product(&self) -> Result<Product, StripeConfigError> {
        let clock = Clock::system();
        Product::build(ProductParts {
            app: self.app.clone(),
            worker: None,
            platform: self.platform.clone(),
            clock: clock.clone(),
            // Nothing is cached for longer than a command runs.
            hearing: ListenerStatus::new(false),
            stripe: StripeSettings {
                secret_key: "sk_test_unused".into(),
                api_base: Some("http://127.0.0.1:9".to_owned()),
                timeout: StripeSettings::DEFAULT_TIMEOUT,
                webhook_secrets: vec!["whsec_unused".into()],
                livemode: false,
            },
            mailer: std::sync::Arc::new(Mailbox::new(clock)),
            passwords: PasswordPool::of_this_machine(),
            public_url: String::new(),
            return_origins: Vec::new(),
            environment: self.environment,
        })
    }

    /// Lets go of everything; an embedded server that nobody else uses stops.
    pub(crate) async fn leave(self) {
        self.app.close().await;
        self.platform.close().await;
        self.storage.close().await;
    }
}
