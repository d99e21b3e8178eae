//! The model of a user: kind, status, roles held, and what proves them. Pure.

use bk_kernel::{UserId, string_enum};
use chrono::{DateTime, Utc};

use super::email::Email;
use crate::password_pool::Phc;

/// The role that makes a customer. Nobody holds it together with another role.
pub(crate) const CLIENT_ROLE: &str = "client";

/// The role of which a tenant keeps at least one active holder.
pub(crate) const OWNER_ROLE: &str = "owner";

string_enum! {
    /// Whether a user buys from the tenant or works for it.
    pub(crate) enum UserKind: "a kind of user" {
        /// A customer, who signs in on the client surface only.
        Client = "CLIENT",
        /// A member of the tenant's staff, who signs in on the admin surface only.
        Staff = "STAFF",
    }
}

impl UserKind {
    /// The kind of user that holds `roles`. None when there are no roles, or when `client` is mixed
    /// with others.
    pub(crate) fn of_roles(roles: &[String]) -> Option<Self> {
        let clients = roles.iter().filter(|role| *role == CLIENT_ROLE).count();
        match (roles.len(), clients) {
            (0, _) => None,
            (_, 0) => Some(Self::Staff),
            (all, clients) if all == clients => Some(Self::Client),
            _ => None,
        }
    }
}

string_enum! {
    /// How far a user has come: invited, active, disabled.
    pub(crate) enum UserStatus: "a user's status" {
        /// Has not accepted the invitation and has no password yet.
        Invited = "INVITED",
        /// May log in.
        Active = "ACTIVE",
        /// May not log in.
        Disabled = "DISABLED",
    }
}

/// A user, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// The user's id, unique in the tenant.
    pub(crate) id: UserId,
    /// The normalised e-mail address.
    pub(crate) email: String,
    /// The name shown to people.
    pub(crate) display_name: String,
    /// Customer or staff.
    pub(crate) kind: UserKind,
    /// Invited, active or disabled.
    pub(crate) status: UserStatus,
    /// Counts the changes of roles and status, from 1.
    pub(crate) version: i64,
}

/// A user together with the stored password.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// The user, as stored.
    pub(crate) user: User,
    /// The password's hash; none until the invitation is accepted.
    pub(crate) password: Option<Phc>,
}

impl Credentials {
    /// Whether a login that was checked against `self` still holds for `current`: the user is active
    /// and neither kind nor password has changed.
    pub(crate) fn still_hold_for(&self, current: &Self) -> bool {
        current.user.status == UserStatus::Active
            && current.user.kind == self.user.kind
            && current.password.as_ref().map(Phc::expose) == self.password.as_ref().map(Phc::expose)
    }
}

/// A user with the roles held, as staff see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The user, as stored.
    pub(crate) user: User,
    /// Keys of the roles held, sorted.
    pub(crate) roles: Vec<String>,
    /// When the user was invited or seeded.
    pub(crate) created_at: DateTime<Utc>,
    /// When the user last logged in.
    pub(crate) last_login_at: Option<DateTime<Utc>>,
}

/// A user about to be stored for the first time.
#[derive(Debug, Clone)]
pub(crate) struct NewUser {
    /// The id it gets.
    pub(crate) id: UserId,
    /// The address, which must be free in the tenant.
    pub(crate) email: Email,
    /// The name shown to people.
    pub(crate) display_name: String,
    /// Customer or staff.
    pub(crate) kind: UserKind,
    /// `Invited`, or `Active` together with a password.
    pub(crate) status: UserStatus,
    /// The password's hash, if the user is active.
    pub(crate) password: Option<Phc>,
    /// When it is stored, by the product's clock.
    pub(crate) at: DateTime<Utc>,
}

/// The role keys sorted and without repetition.
pub(crate) fn normalize_roles(roles: &[String]) -> Vec<String> {
    let mut roles = roles.to_vec();
    roles.sort_unstable();
    roles.dedup();
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_role_makes_a_customer_and_never_mixes() {
        let roles = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(UserKind::of_roles(&roles(&["client"])), Some(UserKind::Client));
        assert_eq!(UserKind::of_roles(&roles(&["kitchen", "driver"])), Some(UserKind::Staff));
        assert_eq!(UserKind::of_roles(&roles(&["client", "driver"])), None);
        assert_eq!(UserKind::of_roles(&[]), None);
    }

    #[test]
    fn a_checked_login_holds_only_for_the_same_password_of_an_active_user() {
        let checked = Credentials {
            user: User {
                id: UserId::new(),
                email: "kim@greenfork.test".to_owned(),
                display_name: "Kim".to_owned(),
                kind: UserKind::Staff,
                status: UserStatus::Active,
                version: 1,
            },
            password: Some(Phc::stored("$argon2id$one".to_owned())),
        };
        let mut current = checked.clone();
        assert!(checked.still_hold_for(&current));
        current.password = Some(Phc::stored("$argon2id$two".to_owned()));
        assert!(!checked.still_hold_for(&current), "another password");
        current = checked.clone();
        current.user.status = UserStatus::Disabled;
        assert!(!checked.still_hold_for(&current), "disabled since");
    }
}
