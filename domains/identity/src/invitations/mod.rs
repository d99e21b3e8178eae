//! Invitations: how a person becomes a user of a tenant.
//!
//! Inviting makes a user without a password and queues a mail; the mail's token is made when it is
//! sent and stored hashed; accepting sets the password. Invariants: a token works once, for
//! [`TOKEN_LIFETIME`](invitation::TOKEN_LIFETIME), at its own tenant, on the surface of its user's
//! kind; a user has at most one open invitation; making a new mail makes the token of the one before
//! worthless.

mod accept_invitation;
mod entity;
pub(crate) mod http;
mod invitation;
mod invite_member;
mod invite_user;
mod list_invitations;
mod mail;
mod prune_invitations;
mod resend_invitation;
mod send_invitation;
mod store;
mod withdraw_invitation;

pub(crate) use accept_invitation::{AcceptInvitation, AcceptInvitationError, accept_invitation};
pub(crate) use invitation::{InvitationStatus, OpenInvitation};
pub(crate) use invite_member::{InviteMember, InviteMemberError, invite_member};
pub(crate) use invite_user::{InviteUser, invite_user};
pub(crate) use list_invitations::list_invitations;
pub(crate) use prune_invitations::prune_invitations;
pub(crate) use resend_invitation::{ResendInvitationError, resend_invitation};
pub(crate) use send_invitation::{SEND_JOB, SendInvitation};
pub(crate) use withdraw_invitation::{
    WithdrawInvitationError, withdraw_invitation, withdraw_invitation_of,
};
