//! The state of a running simulator behind its lock, which every access to it goes through.
//!
//! Each access first expires the sessions that are due. After it, new events are queued for delivery and, when
//! something changed, the state file is written.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};

use crate::account::{self, Account};
use crate::api::IdempotencyKeys;
use crate::config::{NowFn, SimConfig, SimError};
use crate::outbox::Outbox;
use crate::state_file;

/// Settings that stay the same while the simulator runs.
pub(crate) struct Settings {
    /// Name of the seller on the pages.
    pub(crate) merchant: String,
    /// Delay before every API request is executed.
    pub(crate) latency: Duration,
    pub(crate) sign_with_machine_clock: bool,
    now: Option<NowFn>,
    state_file: Option<PathBuf>,
}

/// What the lock protects. The names in the state file are those of its format 1.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    #[serde(rename = "book")]
    pub(crate) account: Account,
    #[serde(rename = "keys")]
    pub(crate) idempotency_keys: IdempotencyKeys,
    #[serde(skip)]
    pub(crate) outbox: Outbox,
}

/// A running simulator, shared by the server, the delivery task and the handle.
pub(crate) struct AppState {
    pub(crate) settings: Settings,
    /// Base address of the checkout pages, without a trailing slash.
    pub(crate) public_base: String,
    state: Mutex<State>,
    /// Wakes the delivery task when there may be something to deliver.
    pub(crate) wake: Notify,
    /// Number of deliveries that are queued or being sent.
    undelivered: watch::Sender<usize>,
}

impl AppState {
    /// Loads the state file, if there is one, and queues the events that were still to be delivered.
    ///
    /// Fails with [`SimError::State`] when the file exists but cannot be used.
    pub(crate) fn new(config: SimConfig, public_base: String) -> Result<Self, SimError> {
        let mut state: State = match &config.state_file {
            Some(path) => state_file::load(path)?.unwrap_or_default(),
            None => State::default(),
        };
        state.idempotency_keys.release_unfinished();
        state.account.public_base.clone_from(&public_base);
        state.outbox = Outbox::new(config.webhook, config.chaos, config.retry);
        state.outbox.enqueue_pending(&mut state.account);
        let undelivered = watch::Sender::new(state.outbox.undelivered());
        let settings = Settings {
            merchant: config.merchant,
            latency: config.latency,
            sign_with_machine_clock: config.sign_with_machine_clock,
            now: config.now,
            state_file: config.state_file,
        };
        let state = Mutex::new(state);
        Ok(Self { settings, public_base, state, wake: Notify::new(), undelivered })
    }

    /// Returns the time by the simulator's clock.
    #[expect(clippy::disallowed_methods, reason = "the simulator's own clock")]
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.settings.now.as_ref().map_or_else(Utc::now, |now| now())
    }

    /// Returns the timestamp for a webhook signature, in Unix seconds.
    #[expect(clippy::disallowed_methods, reason = "the simulator's own clock")]
    pub(crate) fn signature_timestamp(&self) -> i64 {
        let by_machine = self.settings.sign_with_machine_clock;
        if by_machine { Utc::now() } else { self.now() }.timestamp()
    }

    /// Changes the state and writes the state file. `change` gets the current time in Unix seconds.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut State, i64) -> R) -> R {
        self.with_lock(true, change)
    }

    /// Changes only what need not survive a restart, such as a claimed key, and leaves the state file alone.
    pub(crate) fn update_unsaved<R>(&self, change: impl FnOnce(&mut State, i64) -> R) -> R {
        self.with_lock(false, change)
    }

    /// Reads the state.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        self.with_lock(false, |state, _| read(state))
    }

    /// Subscribes to the number of deliveries that are queued or being sent.
    pub(crate) fn subscribe_undelivered(&self) -> watch::Receiver<usize> {
        self.undelivered.subscribe()
    }

    fn with_lock<R>(&self, save: bool, access: impl FnOnce(&mut State, i64) -> R) -> R {
        // A panic of one request must not make the simulator reject all later ones.
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let now = self.now().timestamp();
        let any_expired = account::expire_due(&mut state.account, now);
        let result = access(state, now);
        let any_new_events = state.outbox.enqueue_new(&mut state.account);
        if save || any_expired || any_new_events {
            self.save(state);
        }
        let undelivered = state.outbox.undelivered();
        drop(guard);
        self.undelivered
            .send_if_modified(|known| std::mem::replace(known, undelivered) != undelivered);
        if any_new_events {
            self.wake.notify_one();
        }
        result
    }

    fn save(&self, state: &State) {
        let Some(path) = &self.settings.state_file else { return };
        if let Err(error) = state_file::store(path, state) {
            // The request has been executed, so its response must say so; only a restart would lose it.
            tracing::error!(path = %path.display(), %error, "the state file could not be written");
        }
    }
}
