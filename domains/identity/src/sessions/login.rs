//! Logging in with tenant, address and password.
//!
//! Whatever is wrong (the tenant, the address, the password, the door, a disabled user), the answer
//! is [`LoginError::Refused`] after the same work: one read, one password verification, one write.

use std::{net::IpAddr, sync::Arc};

use bk_contracts::tenants::{PLATFORM_SLUG, TenantSettings};
use bk_kernel::{SessionId, Surface};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    end_sessions::{self, Ended},
    session::{Deadlines, Door, EndReason, MOST_LIVE},
    store,
    throttle::{Subject, Throttled},
    token::SessionToken,
};
use crate::{
    Identity,
    passwords::{Busy, Phc, Verdict},
    tenant::NamedTenant,
    users::{self, Credentials, Email, User, UserStatus},
};

/// A login as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// `Client` or `Admin`.
    pub(crate) surface: Surface,
    /// Where.
    pub(crate) tenant: NamedTenant,
    /// As typed.
    pub(crate) email: String,
    /// As typed.
    pub(crate) password: SecretString,
    /// The session the browser held for this surface: it is ended by a login.
    pub(crate) presented: Option<SessionToken>,
    /// From where.
    pub(crate) ip: IpAddr,
    /// With what.
    pub(crate) user_agent: Option<String>,
    /// When.
    pub(crate) now: DateTime<Utc>,
}

/// Somebody came in.
#[derive(Debug, Clone)]
pub(crate) struct LoggedIn {
    /// For the cookie.
    pub(crate) token: SessionToken,
    /// Through which door.
    pub(crate) door: Door,
    /// Who.
    pub(crate) user: User,
    /// Where.
    pub(crate) tenant: Arc<TenantSettings>,
    /// When a second factor was presented.
    pub(crate) aal2_at: Option<DateTime<Utc>>,
}

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    /// Something was wrong; nobody is told what.
    #[error("refused")]
    Refused,
    /// Too many failures before.
    #[error("too many failures")]
    Throttled {
        /// Seconds until an attempt is looked at again.
        retry_after_secs: u64,
    },
    /// Too many passwords are being checked.
    #[error("busy")]
    Busy(#[from] Busy),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

impl From<Throttled> for LoginError {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled { retry_after_secs: throttled.retry_after_secs }
    }
}

/// Logs in, or refuses.
pub(crate) async fn log_in(identity: &Identity, login: Login) -> Result<LoggedIn, LoginError> {
    let surface = login.surface;
    let outcome = attempt(identity, login).await;
    let word = match &outcome {
        Ok(_) => "accepted",
        Err(LoginError::Refused) => "refused",
        Err(LoginError::Throttled { .. }) => "throttled",
        Err(LoginError::Busy(_)) => "busy",
        Err(LoginError::Db(_)) => "failed",
    };
    metrics::counter!("identity_logins_total", "surface" => surface.as_str(), "outcome" => word)
        .increment(1);
    outcome
}

async fn attempt(identity: &Identity, login: Login) -> Result<LoggedIn, LoginError> {
    let email: Option<Email> = login.email.parse().ok();
    let counted =
        email.as_ref().map_or_else(|| login.email.to_lowercase(), |e| e.as_str().to_owned());
    let subjects = Subject::of(&login.tenant.slug, &counted, login.ip);
    let scope = identity.db().tenant(login.tenant.id());
    let now = login.now;

    let known = scope
        .read(move |tx| async move {
            check(&tx, &subjects, now, false).await?;
            match email {
                Some(email) => Ok(users::by_email(&tx, &email).await?),
                None => Ok::<_, LoginError>(None),
            }
        })
        .await?;
    let stored = known.as_ref().and_then(|known| known.password.clone());
    let verdict = identity.passwords().verify(login.password.clone(), stored).await?;

    let Some(entry) = Entry::judge(&login, known, verdict) else {
        scope
            .run(move |tx| async move {
                check(&tx, &subjects, now, true).await?;
                for subject in &subjects {
                    store::count_failure(&tx, subject, now).await?;
                }
                Ok::<_, LoginError>(())
            })
            .await?;
        return Err(LoginError::Refused);
    };
    enter(identity, login, subjects, entry).await
}

/// Refuses while earlier failures make the subjects wait.
async fn check(
    tx: &TenantTx,
    subjects: &[Subject; 2],
    now: DateTime<Utc>,
    lock: bool,
) -> Result<(), LoginError> {
    for waiting in store::waiting(tx, subjects, now, lock).await? {
        waiting.check(now)?;
    }
    Ok(())
}

/// Somebody who gave the right password and may come in through this door.
#[derive(Debug)]
struct Entry {
    tenant: Arc<TenantSettings>,
    known: Credentials,
    door: Door,
    renewed: Option<Phc>,
}

impl Entry {
    fn judge(login: &Login, known: Option<Credentials>, verdict: Verdict) -> Option<Self> {
        let (Some(known), Verdict::Right { renewed }) = (known, verdict) else { return None };
        let tenant = Arc::clone(login.tenant.open()?);
        let door = Door::of(login.surface, known.user.kind, tenant.slug == PLATFORM_SLUG)?;
        (known.user.status == UserStatus::Active).then_some(Self { tenant, known, door, renewed })
    }
}

/// Begins the session, unless the user changed while the password was being verified.
async fn enter(
    identity: &Identity,
    login: Login,
    subjects: [Subject; 2],
    entry: Entry,
) -> Result<LoggedIn, LoginError> {
    let Entry { tenant, known, door, renewed } = entry;
    let now = login.now;
    let token = SessionToken::issue(tenant.tenant_id);
    let aal2_at = identity.password_counts_as_aal2().then_some(now);
    let session = store::NewSession {
        id: SessionId::new(),
        user_id: known.user.id,
        door,
        token_hash: *token.hash(),
        deadlines: Deadlines::starting(door, now),
        aal2_at,
        ip: login.ip.to_canonical().to_string(),
        user_agent: login.user_agent,
    };
    let presented = login.presented.filter(|old| old.tenant() == tenant.tenant_id);
    let scope = identity.db().tenant(tenant.tenant_id);
    let (user, ended) = scope
        .run(move |tx| async move {
            check(&tx, &subjects, now, true).await?;
            let [address, _network] = &subjects;
            store::forget_failures(&tx, address).await?;
            let user = still_the_same(&tx, &known).await?;
            if let Some(renewed) = renewed {
                users::renew_password(&tx, user.id, &renewed).await?;
            }
            let ended = make_room(&tx, presented, &session).await?;
            store::insert(&tx, session).await?;
            users::logged_in(&tx, user.id, now).await?;
            Ok::<_, LoginError>((user, ended))
        })
        .await?;
    end_sessions::forget_ended(identity, &ended);
    Ok(LoggedIn { token, door, user, tenant, aal2_at })
}

async fn still_the_same(tx: &TenantTx, before: &Credentials) -> Result<User, LoginError> {
    let now = users::lock(tx, before.user.id).await?.ok_or(LoginError::Refused)?;
    let same_password =
        now.password.as_ref().map(Phc::expose) == before.password.as_ref().map(Phc::expose);
    let same = now.user.status == UserStatus::Active && now.user.kind == before.user.kind;
    if same && same_password { Ok(now.user) } else { Err(LoginError::Refused) }
}

/// Ends the session this browser held and, beyond [`MOST_LIVE`], the oldest of the user's.
async fn make_room(
    tx: &TenantTx,
    presented: Option<SessionToken>,
    new: &store::NewSession,
) -> Result<Ended, DbError> {
    let now = new.deadlines.last_seen_at;
    let mut ended = Ended::default();
    if let Some(old) = presented {
        ended.join(end_sessions::end_presented(tx, &old, new.door.surface(), now).await?);
    }
    let live = store::live_of(tx, new.user_id, new.door, now).await?;
    for oldest in live.iter().skip(MOST_LIVE - 1) {
        let which = store::Which::One(oldest.id, new.door);
        let hashes = store::end(tx, new.user_id, which, EndReason::Displaced, now).await?;
        ended.join(end_sessions::tell(tx, hashes).await?);
    }
    Ok(ended)
}
