//! The one place where state changes: a lock around the book, the keys and the outbox, with expiry before
//! every look and planning of deliveries and writing of the state file after every change.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};

use crate::api::Keys;
use crate::book::{self, Book, Origin};
use crate::config::{NowFn, SimConfig, SimError};
use crate::delivery::Outbox;
use crate::persist;

/// What does not change while the simulator runs.
pub(crate) struct Settings {
    pub(crate) merchant: String,
    pub(crate) latency: Duration,
    pub(crate) sign_with_machine_clock: bool,
    now: Option<NowFn>,
    state_file: Option<PathBuf>,
}

/// What is kept across restarts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) book: Book,
    pub(crate) keys: Keys,
    #[serde(skip)]
    pub(crate) outbox: Outbox,
}

/// A running simulator, shared by the server, the delivery task and the handle.
pub(crate) struct Sim {
    pub(crate) settings: Settings,
    /// Where checkout pages are reached, without a trailing slash.
    pub(crate) public_base: String,
    state: Mutex<State>,
    /// Rung whenever there may be something to deliver.
    pub(crate) wake: Notify,
    /// How many deliveries are waiting or under way.
    waiting: watch::Sender<usize>,
}

impl Sim {
    /// Takes up the stored state, if any, and queues what was left undelivered.
    pub(crate) fn new(config: SimConfig, public_base: String) -> Result<Self, SimError> {
        let mut state: State = match &config.state_file {
            Some(path) => persist::load(path)?.unwrap_or_default(),
            None => State::default(),
        };
        state.keys.drop_unanswered();
        state.book.public_base.clone_from(&public_base);
        state.outbox = Outbox::new(config.webhook, config.chaos, config.retry);
        state.outbox.requeue_pending(&mut state.book);
        let waiting = watch::Sender::new(state.outbox.waiting());
        let settings = Settings {
            merchant: config.merchant,
            latency: config.latency,
            sign_with_machine_clock: config.sign_with_machine_clock,
            now: config.now,
            state_file: config.state_file,
        };
        let state = Mutex::new(state);
        Ok(Self { settings, public_base, state, wake: Notify::new(), waiting })
    }

    /// The simulator's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.settings.now.as_ref().map_or_else(Utc::now, |now| now())
    }

    /// The time webhook signatures carry, in Unix seconds.
    pub(crate) fn signature_time(&self) -> i64 {
        let machine = self.settings.sign_with_machine_clock;
        if machine { Utc::now() } else { self.now() }.timestamp()
    }

    /// Changes the state and writes it down.
    pub(crate) fn act<R>(&self, change: impl FnOnce(&mut State, i64) -> R) -> R {
        self.locked(true, change)
    }

    /// Changes only what is not worth writing down, such as a key being claimed.
    pub(crate) fn quietly<R>(&self, change: impl FnOnce(&mut State, i64) -> R) -> R {
        self.locked(false, change)
    }

    /// Reads the state.
    pub(crate) fn look<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        self.locked(false, |state, _| read(state))
    }

    /// Follows how many deliveries are waiting or under way.
    pub(crate) fn follow_waiting(&self) -> watch::Receiver<usize> {
        self.waiting.subscribe()
    }

    fn locked<R>(&self, write_down: bool, use_state: impl FnOnce(&mut State, i64) -> R) -> R {
        // A panic while the lock was held is a bug of one request, not a reason to refuse all others.
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let now = self.now().timestamp();
        let origin = Origin { now, ..Origin::default() };
        let expired = book::expire_due(&mut state.book, &origin);
        let result = use_state(state, now);
        let planned = state.outbox.plan(&mut state.book);
        if write_down || expired || planned {
            self.write_down(state);
        }
        let waiting = state.outbox.waiting();
        drop(guard);
        self.waiting.send_if_modified(|known| std::mem::replace(known, waiting) != waiting);
        if planned {
            self.wake.notify_one();
        }
        result
    }

    fn write_down(&self, state: &State) {
        let Some(path) = &self.settings.state_file else { return };
        if let Err(error) = persist::store(path, state) {
            // The request was carried out; refusing it now would be worse than forgetting it at restart.
            tracing::error!(path = %path.display(), %error, "the state file could not be written");
        }
    }
}
