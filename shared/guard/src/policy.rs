//! What a route demands: declared once, beside its handler, enforced by the pipeline and printed in
//! the document.

use bk_kernel::{PermissionDef, Surface, permission::Permission};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Every caller; no credential is read.
    Anonymous,
    /// Any valid session of the surface.
    Session,
    /// A session (or, on `admin`, a bearer credential) that holds the permission.
    Permission(PermissionDef),
    /// The payment provider; the handler verifies its signature over the raw bytes.
    Signature,
}

/// The assurance level that a session must have (NIST SP 800-63B-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// One factor is enough.
    Aal1,
    /// A second factor was presented in the session.
    Aal2,
    /// A second factor was presented within the last 15 minutes.
    StepUp,
}

/// How often a route may be called; the numbers are the deployment's (see `limits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateClass {
    /// Logins, invitations and other places where secrets can be guessed.
    Login,
    /// Anonymous routes.
    Public,
    /// Routes that read.
    Read,
    /// Routes that change something.
    Write,
    /// Imports, exports and other heavy work.
    Heavy,
    /// Deliveries of the payment provider.
    Webhook,
    /// Health checks and static pages: not limited.
    Free,
}

impl RateClass {
    /// The lower-case name that headers, metric labels and the document carry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Public => "public",
            Self::Read => "read",
            Self::Write => "write",
            Self::Heavy => "heavy",
            Self::Webhook => "webhook",
            Self::Free => "free",
        }
    }
}

/// The policy of one route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The surface that the route belongs to.
    pub surface: Surface,
    /// Who may call it.
    pub access: Access,
    /// The assurance level that the session must have.
    pub assurance: Assurance,
    /// The size of the largest body that is accepted, in bytes.
    pub body_limit_bytes: usize,
    /// The content types that are accepted when there is a body.
    pub content_types: &'static [&'static str],
    /// The class whose rate limits count its calls.
    pub rate: RateClass,
    /// Whether `Idempotency-Key` is honoured.
    pub idempotent: bool,
    /// Whether `If-Match` must name the version that the caller read.
    pub if_match: bool,
    /// Whether the route is part of the document. Pages for people are not.
    pub documented: bool,
}

/// The body limit of a route unless it says otherwise: enough for any JSON form of the product.
const BODY_MAX_BYTES: usize = 64 * 1024;
const JSON: &[&str] = &["application/json"];

impl Policy {
    const fn new(surface: Surface, access: Access, rate: RateClass) -> Self {
        Self {
            surface,
            access,
            assurance: Assurance::Aal1,
            body_limit_bytes: BODY_MAX_BYTES,
            content_types: JSON,
            rate,
            idempotent: false,
            if_match: false,
            documented: true,
        }
    }

    /// A health check or a static page.
    #[must_use]
    pub const fn public() -> Self {
        Self::new(Surface::Public, Access::Anonymous, RateClass::Free)
    }

    /// A page for people, not part of the API and not in the document.
    #[must_use]
    pub const fn page() -> Self {
        let mut policy = Self::public();
        policy.documented = false;
        policy
    }

    /// A route of a tenant's marketing site.
    #[must_use]
    pub const fn site() -> Self {
        Self::new(Surface::Site, Access::Anonymous, RateClass::Public)
    }

    /// A route before login: the login itself, accepting an invitation.
    #[must_use]
    pub const fn before_login(surface: Surface) -> Self {
        Self::new(surface, Access::Anonymous, RateClass::Login)
    }

    /// A route about the caller's own login, for any valid session of the surface.
    #[must_use]
    pub const fn own_session(surface: Surface) -> Self {
        Self::new(surface, Access::Session, RateClass::Read)
    }

    /// A customer's route.
    #[must_use]
    pub const fn client<P: Permission>() -> Self {
        Self::new(Surface::Client, Access::Permission(P::DEF), RateClass::Read)
    }

    /// A staff route.
    #[must_use]
    pub const fn admin<P: Permission>() -> Self {
        Self::new(Surface::Admin, Access::Permission(P::DEF), RateClass::Read)
    }

    /// An operator's route: always with a second factor.
    #[must_use]
    pub const fn platform<P: Permission>() -> Self {
        let mut policy = Self::new(Surface::Platform, Access::Permission(P::DEF), RateClass::Read);
        policy.assurance = Assurance::Aal2;
        policy
    }

    /// The payment provider's route.
    #[must_use]
    pub const fn webhook() -> Self {
        let mut policy = Self::new(Surface::Webhook, Access::Signature, RateClass::Webhook);
        policy.body_limit_bytes = 1024 * 1024;
        policy
    }

    /// The route changes something: it is counted as a write and honours `Idempotency-Key`.
    #[must_use]
    pub const fn writes(mut self) -> Self {
        self.rate = RateClass::Write;
        self.idempotent = true;
        self
    }

    /// The route updates a version that the caller has read: it is counted as a write and needs
    /// `If-Match`.
    #[must_use]
    pub const fn updates(mut self) -> Self {
        self.rate = RateClass::Write;
        self.if_match = true;
        self
    }

    /// The route needs a second factor that was presented within the last 15 minutes.
    #[must_use]
    pub const fn step_up(mut self) -> Self {
        self.assurance = Assurance::StepUp;
        self
    }

    /// The route is counted in another rate class.
    #[must_use]
    pub const fn rate(mut self, rate: RateClass) -> Self {
        self.rate = rate;
        self
    }

    /// The route accepts bodies of up to this many bytes.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit_bytes = bytes;
        self
    }

    /// The route accepts these content types instead of JSON.
    #[must_use]
    pub const fn reads(mut self, content_types: &'static [&'static str]) -> Self {
        self.content_types = content_types;
        self
    }

    /// Whether the route needs an authenticated caller.
    pub(crate) const fn needs_actor(&self) -> bool {
        matches!(self.access, Access::Session | Access::Permission(_))
    }
}
