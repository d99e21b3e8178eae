//! The service levels that order sides, plans and accounts.

bk_kernel::string_enum! {
    /// The service level of a component, a plan and an account's ingredients: `BASE < MID < HIGH`.
    #[derive(Default)]
    pub enum Tier: "a tier" {
        /// What every account may have.
        #[default]
        Base = "BASE",
        /// The middle tier.
        Mid = "MID",
        /// The highest tier.
        High = "HIGH",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_ordered_from_base_to_high() {
        assert!(Tier::Base < Tier::Mid && Tier::Mid < Tier::High);
        for tier in Tier::ALL {
            assert_eq!(tier.as_str().parse(), Ok(*tier));
        }
        assert!("base".parse::<Tier>().is_err());
    }
}
