//! The closed list of error codes (RFC 9457 `code` extension) and the field errors of validation.
//!
//! Every answer that is not a success carries one of these; nothing else may. Adding one is an API
//! change: it appears in the document and in the code-list snapshot.

use std::borrow::Cow;

use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)+) => {
        crate::string_enum! {
            /// What went wrong, in a word a program can act on.
            pub enum Code: "an error code" {
                $($(#[$doc])* $name = $code,)+
            }
        }

        impl Code {
            /// The HTTP status that carries it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// A short, calm sentence for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or a path or header could not be read.
    BodyMalformed = "BODY_MALFORMED", 400, "The request could not be read";
    /// The webhook signature does not match the bytes.
    SignatureInvalid = "SIGNATURE_INVALID", 400, "The signature does not match";
    /// No credential was presented.
    AuthRequired = "AUTH_REQUIRED", 401, "Please log in";
    /// The credential is not valid (any more), or the login was refused.
    AuthInvalid = "AUTH_INVALID", 401, "The login was not accepted";
    /// The actor lacks the permission.
    Forbidden = "FORBIDDEN", 403, "You may not do this";
    /// The credential belongs to another surface.
    WrongSurface = "WRONG_SURFACE", 403, "This login belongs to another part of the product";
    /// A fresh second factor is needed.
    StepUpRequired = "STEP_UP_REQUIRED", 403, "Please confirm with your second factor";
    /// The Origin is not on the allowlist.
    OriginRejected = "ORIGIN_REJECTED", 403, "This origin is not allowed";
    /// The CSRF token is missing or does not match.
    CsrfInvalid = "CSRF_INVALID", 403, "The request is missing its protection token";
    /// It does not exist, or the caller may not see it.
    NotFound = "NOT_FOUND", 404, "Not found";
    /// The path exists, the method does not.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "This method is not offered here";
    /// It collides with something that exists.
    Conflict = "CONFLICT", 409, "This collides with something that exists";
    /// The thing is in a state that does not allow this; the detail names the state.
    StateConflict = "STATE_CONFLICT", 409, "The current state does not allow this";
    /// The ordering window is not open.
    WindowClosed = "WINDOW_CLOSED", 409, "The ordering window is closed";
    /// The packs hold too few meals of the ordered size.
    NotEnoughMeals = "NOT_ENOUGH_MEALS", 409, "There are not enough meals left";
    /// A dish has fewer meals left than ordered; the detail says how many.
    DishSoldOut = "DISH_SOLD_OUT", 409, "There are not enough of a dish left";
    /// An allergen or exclusion of the account forbids a dish or component.
    PreferenceBlocked = "PREFERENCE_BLOCKED", 409, "A preference of this account excludes part of the order";
    /// The account is not active.
    AccountInactive = "ACCOUNT_INACTIVE", 409, "This account cannot order at the moment";
    /// The change would leave a tenant without an owner.
    LastOwner = "LAST_OWNER", 409, "A kitchen keeps at least one owner";
    /// The first request with this idempotency key is still running.
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS", 409, "The same request is still running";
    /// `If-Match` names an older version.
    PreconditionFailed = "PRECONDITION_FAILED", 412, "It changed since you read it";
    /// The body is larger than the route admits.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413, "The request is too large";
    /// The content type is not the one the route reads.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, "This content type is not supported";
    /// The fields were read and refused; `errors` says which and why.
    InputInvalid = "INPUT_INVALID", 422, "Some fields need correction";
    /// The idempotency key was used with another request.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", 422, "The idempotency key was used for another request";
    /// Too many requests; `Retry-After` says when.
    RateLimited = "RATE_LIMITED", 429, "Too many requests, please wait";
    /// Something unexpected; the request id finds it in the log.
    Internal = "INTERNAL", 500, "Something went wrong on our side";
    /// A dependency is down; nothing was changed.
    Unavailable = "UNAVAILABLE", 503, "The service is not available right now";
}

/// One refused field: where (RFC 6901 JSON pointer), a code a program can act on, a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer into the request body, or `?name` for a query parameter.
    pub pointer: String,
    /// `required`, `unknown`, `type`, `length`, `range`, `format`, `choice`, `duplicate`, `reference`…
    pub code: Cow<'static, str>,
    /// What to change.
    pub message: String,
}

impl FieldError {
    /// A field error at a JSON pointer.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), code: code.into(), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_written_in_capitals() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert!(code.as_str().chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{code}");
            assert!((400..=503).contains(&code.status()), "{code}");
        }
    }
}
