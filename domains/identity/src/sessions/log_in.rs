//! Logs a user in with tenant, address and password.
//!
//! Whatever is wrong (the tenant, the address, the password, the surface, a disabled user), the
//! answer is [`LoginError::Refused`] after the same work: one read, one password verification, one
//! write.

use std::{net::IpAddr, sync::Arc};

use bk_contracts::tenants::{PLATFORM_SLUG, TenantSettings};
use bk_kernel::{OperationContext, SessionId, Surface};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    cache::{self, ChangedSessions, publish_changes},
    end_sessions::end_presented,
    session::{
        Deadlines, EndReason, MAX_ACTIVE_SESSIONS, NewSession, SessionFilter, SessionSurface,
    },
    store,
    throttle::{Subject, ThrottleState, Throttled},
    token::SessionToken,
};
use crate::{
    Identity,
    password_pool::{Busy, Phc, Verification},
    requested_tenant::RequestedTenant,
    users::{self, Credentials, Email, User, UserStatus},
};

/// A login as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The surface logged in on: client or admin.
    pub(crate) surface: Surface,
    /// The tenant that the caller names.
    pub(crate) tenant: RequestedTenant,
    /// The address as typed.
    pub(crate) email: String,
    /// The password as typed.
    pub(crate) password: SecretString,
    /// The session that the browser holds for this surface; a login ends it.
    pub(crate) presented: Option<SessionToken>,
    /// The caller's address.
    pub(crate) ip: IpAddr,
    /// The caller's browser.
    pub(crate) user_agent: Option<String>,
}

/// A new session.
#[derive(Debug, Clone)]
pub(crate) struct StartedSession {
    /// The token, for the cookie.
    pub(crate) token: SessionToken,
    /// The surface that the session opens.
    pub(crate) surface: SessionSurface,
    /// The user who logged in.
    pub(crate) user: User,
    /// The user's tenant.
    pub(crate) tenant: Arc<TenantSettings>,
    /// When a second factor was presented, if one was.
    pub(crate) aal2_at: Option<DateTime<Utc>>,
}

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    /// Something was wrong; the caller does not learn what.
    #[error("refused")]
    Refused,
    /// Too many logins with this address or from this network have failed before.
    #[error("too many failures")]
    Throttled {
        /// Seconds until a login is checked again.
        retry_after_secs: u64,
    },
    /// Too many passwords are being hashed.
    #[error("busy")]
    Busy(#[from] Busy),
    /// The user could not be looked up, or the outcome not stored.
    #[error("database")]
    Db(#[from] DbError),
}

impl From<Throttled> for LoginError {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled { retry_after_secs: throttled.retry_after_secs }
    }
}

/// Logs in and begins a session. `ctx` is of the tenant that the caller names, or of the unknown
/// tenant.
pub(crate) async fn log_in(
    ctx: &OperationContext,
    identity: &Identity,
    login: Login,
) -> Result<StartedSession, LoginError> {
    let surface = login.surface;
    let result = attempt(ctx, identity, login).await;
    let outcome = match &result {
        Ok(_) => "accepted",
        Err(LoginError::Refused) => "refused",
        Err(LoginError::Throttled { .. }) => "throttled",
        Err(LoginError::Busy(_)) => "busy",
        Err(LoginError::Db(_)) => "failed",
    };
    metrics::counter!("identity_logins_total", "surface" => surface.as_str(), "outcome" => outcome)
        .increment(1);
    result
}

async fn attempt(
    ctx: &OperationContext,
    identity: &Identity,
    login: Login,
) -> Result<StartedSession, LoginError> {
    let email: Option<Email> = login.email.parse().ok();
    let counted =
        email.as_ref().map_or_else(|| login.email.to_lowercase(), |e| e.as_str().to_owned());
    let subjects = Subject::of_login(&login.tenant.slug, &counted, login.ip);

    let input = (ctx.clone(), subjects, email);
    let found = identity
        .db()
        .read(ctx, input, async |tx, (ctx, subjects, email)| {
            check_throttle(&ctx, &store::throttle_states(&tx, &subjects, ctx.at()).await?)?;
            match email {
                Some(email) => Ok::<_, LoginError>(users::find_credentials(&tx, &email).await?),
                None => Ok(None),
            }
        })
        .await?;
    let stored = found.as_ref().and_then(|found| found.password.clone());
    let verification = identity.passwords().verify(login.password.clone(), stored).await?;

    let Some(admission) = Admission::check(&login, found, verification) else {
        count_failures(ctx, identity, subjects).await?;
        return Err(LoginError::Refused);
    };
    begin_session(ctx, identity, login, subjects, admission).await
}

/// Fails while earlier failures make one of the subjects wait.
fn check_throttle(ctx: &OperationContext, states: &[ThrottleState]) -> Result<(), Throttled> {
    states.iter().try_for_each(|state| state.check(ctx.at()))
}

async fn count_failures(
    ctx: &OperationContext,
    identity: &Identity,
    subjects: [Subject; 2],
) -> Result<(), LoginError> {
    identity
        .db()
        .transaction(ctx, (ctx.clone(), subjects), async |tx, (ctx, subjects)| {
            check_throttle(&ctx, &store::lock_throttle_states(&tx, &subjects, ctx.at()).await?)?;
            for subject in &subjects {
                store::count_failure(&tx, subject, ctx.at()).await?;
            }
            Ok(())
        })
        .await
}

/// A user who gave the right password and may log in on this surface.
#[derive(Debug, Clone)]
struct Admission {
    tenant: Arc<TenantSettings>,
    checked: Credentials,
    surface: SessionSurface,
    renewed: Option<Phc>,
}

impl Admission {
    fn check(
        login: &Login,
        found: Option<Credentials>,
        verification: Verification,
    ) -> Option<Self> {
        let (Some(checked), Verification::Match { renewed }) = (found, verification) else {
            return None;
        };
        let tenant = Arc::clone(login.tenant.active()?);
        let is_platform = tenant.slug == PLATFORM_SLUG;
        let surface = SessionSurface::for_login(login.surface, checked.user.kind, is_platform)?;
        let is_active = checked.user.status == UserStatus::Active;
        is_active.then_some(Self { tenant, checked, surface, renewed })
    }
}

/// What the transaction that begins a session needs.
#[derive(Debug, Clone)]
struct Beginning {
    ctx: OperationContext,
    subjects: [Subject; 2],
    checked: Credentials,
    renewed: Option<Phc>,
    presented: Option<SessionToken>,
    session: NewSession,
}

/// Begins the session, unless the user changed while the password was being verified.
async fn begin_session(
    ctx: &OperationContext,
    identity: &Identity,
    login: Login,
    subjects: [Subject; 2],
    admission: Admission,
) -> Result<StartedSession, LoginError> {
    let Admission { tenant, checked, surface, renewed } = admission;
    let token = SessionToken::issue(tenant.tenant_id);
    let aal2_at = identity.password_counts_as_aal2().then_some(ctx.at());
    let session = NewSession {
        id: SessionId::new(),
        user_id: checked.user.id,
        surface,
        token_hash: *token.hash(),
        deadlines: Deadlines::starting(surface, ctx.at()),
        aal2_at,
        ip: login.ip.to_canonical().to_string(),
        user_agent: login.user_agent,
    };
    let presented = login.presented.filter(|old| old.tenant_id() == tenant.tenant_id);
    let beginning = Beginning { ctx: ctx.clone(), subjects, checked, renewed, presented, session };
    let begun = identity
        .db()
        .transaction(ctx, beginning, async |tx, beginning| begin_in(&tx, beginning).await);
    let (user, ended) = begun.await?;
    cache::forget(identity, &ended);
    Ok(StartedSession { token, surface, user, tenant, aal2_at })
}

async fn begin_in(
    tx: &TenantTx,
    beginning: Beginning,
) -> Result<(User, ChangedSessions), LoginError> {
    let Beginning { ctx, subjects, checked, renewed, presented, session } = beginning;
    check_throttle(&ctx, &store::lock_throttle_states(tx, &subjects, ctx.at()).await?)?;
    let [address, _network] = &subjects;
    store::delete_failures(tx, address).await?;
    let user = users::confirm_login(&ctx, tx, &checked, renewed.as_ref()).await?;
    let user = user.ok_or(LoginError::Refused)?;
    let mut ended = match &presented {
        Some(presented) => end_presented(&ctx, tx, presented, session.surface).await?,
        None => ChangedSessions::default(),
    };
    ended.add(evict_oldest(&ctx, tx, &session).await?);
    store::insert(tx, session).await?;
    Ok((user, ended))
}

/// Ends the user's oldest sessions, so that with the new one [`MAX_ACTIVE_SESSIONS`] remain.
async fn evict_oldest(
    ctx: &OperationContext,
    tx: &TenantTx,
    new: &NewSession,
) -> Result<ChangedSessions, DbError> {
    let now = ctx.at();
    let mut ended = ChangedSessions::default();
    let active = store::find_active(tx, new.user_id, new.surface, now).await?;
    for oldest in active.into_iter().skip(MAX_ACTIVE_SESSIONS - 1) {
        let filter = SessionFilter::One(oldest, new.surface);
        let hashes = store::end(tx, new.user_id, filter, EndReason::Displaced, now).await?;
        ended.add(publish_changes(tx, hashes).await?);
    }
    Ok(ended)
}
