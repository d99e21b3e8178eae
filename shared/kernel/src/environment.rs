//! Development or production: the one answer to how strict the product is.

crate::string_enum! {
    /// What a deployment is for. The process reads it once, the database carries it as a marker, and
    /// a mismatch refuses to start.
    pub enum Environment: "an environment" {
        /// One command starts everything, and conveniences are on.
        Development = "development",
        /// Nothing is assumed, and conveniences are refused by name.
        Production = "production",
        /// A database that is thrown away after the test.
        Test = "test",
    }
}

impl Environment {
    /// Whether development's conveniences are on.
    #[must_use]
    pub const fn is_development(self) -> bool {
        matches!(self, Self::Development)
    }

    /// Whether they are refused.
    #[must_use]
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}
