//! The table of invitations.

pub(crate) mod invitation;
