//! The database roles this product connects as.

use std::fmt;

/// A login role. What each may do is decided by the grants in `bk-migrations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DbRole {
    /// Changes the schema; acts as the owner of every object.
    Migrate,
    /// The API: sees one tenant at a time, owns nothing.
    App,
    /// Background work: the same fence, plus the queue and the outbox.
    Worker,
    /// The few audited reads across tenants.
    Platform,
    /// Reads everything, for backups.
    Backup,
}

impl DbRole {
    /// Every role, in the order in which they are created.
    pub const ALL: [Self; 5] =
        [Self::Migrate, Self::App, Self::Worker, Self::Platform, Self::Backup];

    /// The role's name in Postgres.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Migrate => "bk_migrate",
            Self::App => "bk_app",
            Self::Worker => "bk_worker",
            Self::Platform => "bk_platform",
            Self::Backup => "bk_backup",
        }
    }
}

impl fmt::Display for DbRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
