//! What commands work with: the settings, the database server, a connection pool for each role, the domains.

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

/// The open database, whose schema is the one of this version.
pub(crate) struct Resources {
    pub(crate) environment: Environment,
    /// Pool of the API's role.
    pub(crate) app: Database,
    /// Pool of the role for reads across tenants.
    pub(crate) platform: Database,
    storage: Storage,
}

impl Resources {
    /// Opens the database of the settings. In development it is created and migrated first.
    ///
    /// Fails when a setting is missing or invalid, the server is not reachable, or (in production) the schema is
    /// not the one of this version.
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

    /// Builds the domains without mail and payments, which no command needs.
    ///
    /// Fails when the settings of the payments are invalid; the fixed ones here are not.
    pub(crate) fn product(&self) -> Result<Product, StripeConfigError> {
        let clock = Clock::system();
        Product::build(ProductParts {
            app: self.app.clone(),
            worker: None,
            platform: self.platform.clone(),
            clock: clock.clone(),
            // A command ends before cached values can become stale.
            listener: ListenerStatus::new(false),
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

    /// Closes the pools, and stops the embedded server when no other process uses it.
    pub(crate) async fn close(self) {
        self.app.close().await;
        self.platform.close().await;
        self.storage.close().await;
    }
}
