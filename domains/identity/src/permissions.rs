//! The permissions of identity.

bk_kernel::permissions! {
    /// To see users, their roles and open invitations.
    MembersRead = "members.read", "See the members of the team, their roles and open invitations";
    /// To invite users, change their roles and disable them.
    MembersWrite = "members.write", "Invite members, change their roles and disable them";
}
