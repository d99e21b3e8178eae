//! Invitations: how somebody becomes a user of a tenant.
//!
//! Inviting makes a user without a password and queues a mail; the mail's token is made when it is
//! sent and stored hashed; accepting sets the password. Invariants: a token works once, for
//! [`VALID_FOR`], at its own tenant, on the surface of its user's kind; a user has at most one open
//! invitation; making a new mail makes the token of the one before worthless.

mod accept;
pub(crate) mod entity;
pub(crate) mod http;
mod invitation;
mod invite;
mod mail;
mod open;
mod prune;
mod send;
mod staff;
mod store;

pub(crate) use accept::{Accept, AcceptError, Accepted, accept};
pub(crate) use invitation::OpenInvitation;
pub(crate) use invite::invite;
pub(crate) use open::{StillOpen, list_open, state, withdraw_of};
pub(crate) use prune::prune;
pub(crate) use send::{SEND_JOB, SendInvitation};
pub(crate) use staff::{
    InviteMember, InviteMemberError, ResendError, invite_member, resend_invitation,
};
