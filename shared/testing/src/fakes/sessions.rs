//! Sessions by their tokens.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::identity::{Authenticated, SessionAuthority};
use bk_kernel::{Actor, Surface};
use bk_persistence::DbError;

use super::lock;

/// Knows the actors of the tokens it was given. Its token [`DATABASE_DOWN`](Self::DATABASE_DOWN)
/// cannot be looked up.
#[derive(Debug, Clone, Default)]
pub struct FakeSessions(Arc<Mutex<LiveSessions>>);

/// Actors by the surface and the token of their session.
type LiveSessions = HashMap<(Surface, String), Arc<Actor>>;

impl FakeSessions {
    /// A token whose session cannot be read: the database does not answer.
    pub const DATABASE_DOWN: &'static str = "database-is-down";

    /// Starts a session of `actor`, whose cookie on `surface` is `token`.
    pub fn start(&self, surface: Surface, token: &str, actor: Arc<Actor>) {
        lock(&self.0).insert((surface, token.to_owned()), actor);
    }

    /// Ends a session.
    pub fn end(&self, surface: Surface, token: &str) {
        lock(&self.0).remove(&(surface, token.to_owned()));
    }
}

#[async_trait]
impl SessionAuthority for FakeSessions {
    async fn authenticate(
        &self,
        surface: Surface,
        token: &str,
    ) -> Result<Option<Authenticated>, DbError> {
        if token == Self::DATABASE_DOWN {
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            return Err(sqlx::Error::Io(refused).into());
        }
        let actor = lock(&self.0).get(&(surface, token.to_owned())).cloned();
        Ok(actor.map(|actor| Authenticated { actor, session: Arc::new(()) }))
    }

    fn known(&self, _: Surface, _: &str) -> Option<Authenticated> {
        None
    }
}
