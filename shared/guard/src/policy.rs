//! What a route demands: declared once, beside its handler, enforced by the pipeline and printed in
//! the document.

use bk_kernel::{PermissionDef, Surface, permission::Permission};

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; no credential is read.
    Anonymous,
    /// Any live session of the surface.
    Session,
    /// A session (or, on `admin`, a bearer credential) that holds the permission.
    Permission(PermissionDef),
    /// The payment provider; the handler verifies its signature over the raw bytes.
    Signature,
}

/// How sure we must be of the person (NIST SP 800-63B-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// One factor is enough.
    Aal1,
    /// The session presented a second factor.
    Aal2,
    /// It presented one within the last 15 minutes.
    StepUp,
}

/// How often a route may be called; the numbers are the deployment's (see `limits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateClass {
    /// Logins, invitations and other places where secrets can be guessed.
    Login,
    /// Anonymous routes.
    Public,
    /// Reads.
    Read,
    /// Changes.
    Write,
    /// Imports, exports and other heavy work.
    Heavy,
    /// Deliveries of the payment provider.
    Webhook,
    /// Health checks and static pages: not limited.
    Free,
}

impl RateClass {
    /// Lower-case name, for headers, labels and the document.
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
    /// Through which door.
    pub surface: Surface,
    /// Who.
    pub access: Access,
    /// How sure of the person.
    pub assurance: Assurance,
    /// The largest body read, in bytes.
    pub body_limit_bytes: usize,
    /// The content types read when there is a body.
    pub content_types: &'static [&'static str],
    /// How often.
    pub rate: RateClass,
    /// Whether `Idempotency-Key` is honoured.
    pub idempotent: bool,
    /// Whether the update needs `If-Match`.
    pub if_match: bool,
    /// Whether the route stands in the document. Pages for people do not.
    pub documented: bool,
}

/// Enough for any JSON form of the product.
const FORM_BYTES: usize = 64 * 1024;
const JSON: &[&str] = &["application/json"];

impl Policy {
    const fn new(surface: Surface, access: Access, rate: RateClass) -> Self {
        Self {
            surface,
            access,
            assurance: Assurance::Aal1,
            body_limit_bytes: FORM_BYTES,
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

    /// A route about the caller's own login, for any live session of the surface.
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

    /// Changes something: counted as a write, honours `Idempotency-Key`.
    #[must_use]
    pub const fn writes(mut self) -> Self {
        self.rate = RateClass::Write;
        self.idempotent = true;
        self
    }

    /// Updates a version the caller has read: needs `If-Match`.
    #[must_use]
    pub const fn updates(mut self) -> Self {
        self.rate = RateClass::Write;
        self.if_match = true;
        self
    }

    /// Needs a fresh second factor.
    #[must_use]
    pub const fn step_up(mut self) -> Self {
        self.assurance = Assurance::StepUp;
        self
    }

    /// Of another rate class.
    #[must_use]
    pub const fn rate(mut self, rate: RateClass) -> Self {
        self.rate = rate;
        self
    }

    /// Reads bodies up to this many bytes.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit_bytes = bytes;
        self
    }

    /// Reads these content types instead of JSON.
    #[must_use]
    pub const fn reads(mut self, content_types: &'static [&'static str]) -> Self {
        self.content_types = content_types;
        self
    }
}
