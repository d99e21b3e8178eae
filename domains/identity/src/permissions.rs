//! The permissions of identity.

bk_kernel::permissions! {
    /// See who belongs to the tenant.
    MembersRead = "members.read", "See the members of the team, their roles and open invitations";
    /// Invite, change roles, disable.
    MembersWrite = "members.write", "Invite members, change their roles and disable them";
}
