//! The roles every tenant starts with (product page, section 1), as rules over the catalogue.

use bk_kernel::PermissionDef;

use super::catalogue::{Catalogue, OWN, PLATFORM, is_composable};
use crate::tenants::Slug;

/// The role the last holder of which can neither be removed nor demoted.
pub(crate) const OWNER: &str = "owner";

/// Keys no tenant may give to a role of its own: they name built-in roles, here or in the tenant of
/// the operators.
pub(crate) const RESERVED: [&str; 7] =
    [OWNER, "admin", "account_manager", "kitchen", "driver", "client", "super_admin"];

/// What distinguishes an admin from an owner.
const NOT_FOR_ADMINS: [&str; 1] = ["billing.operate"];
const ACCOUNT_MANAGER: [&str; 7] = [
    "accounts.read",
    "accounts.write",
    "catalogue.read",
    "menu.read",
    "orders.read",
    "orders.write",
    "production.read",
];
const KITCHEN: [&str; 6] =
    ["catalogue.read", "menu.read", "menu.write", "orders.read", "production.read", "weeks.lock"];
const DRIVER: [&str; 1] = ["deliveries.read"];

/// A built-in role as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuiltinRole {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    /// Sorted.
    pub(crate) permissions: Vec<String>,
}

/// The built-in roles of a tenant. A permission that no domain declares (yet) is left out.
pub(crate) fn roles_of(slug: &Slug, catalogue: &Catalogue) -> Vec<BuiltinRole> {
    let role = |key, title, holds: &dyn Fn(&PermissionDef) -> bool| BuiltinRole {
        key,
        title,
        permissions: catalogue
            .iter()
            .filter(|def| holds(def))
            .map(|def| def.key.to_owned())
            .collect(),
    };
    if slug.is_platform() {
        return vec![role("super_admin", "Operator", &|def| def.key.starts_with(PLATFORM))];
    }
    vec![
        role(OWNER, "Owner", &|def| is_composable(def.key)),
        role("admin", "Admin", &|def| is_composable(def.key) && !NOT_FOR_ADMINS.contains(&def.key)),
        role("account_manager", "Account manager", &|def| ACCOUNT_MANAGER.contains(&def.key)),
        role("kitchen", "Kitchen", &|def| KITCHEN.contains(&def.key)),
        role("driver", "Driver", &|def| DRIVER.contains(&def.key)),
        role("client", "Customer", &|def| def.key.starts_with(OWN)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let keys = [
            "platform.tenants.read",
            "own.orders.read",
            "billing.operate",
            "roles.manage",
            "menu.read",
            "weeks.lock",
        ];
        Catalogue::new(keys.map(|key| PermissionDef { key, title: key }).to_vec())
    }

    fn permissions(slug: &Slug, key: &str) -> Vec<String> {
        roles_of(slug, &catalogue()).into_iter().find(|role| role.key == key).unwrap().permissions
    }

    #[test]
    fn each_builtin_role_holds_what_the_product_says_and_exists() {
        let kitchen = Slug::kitchen("greenfork").unwrap();
        let table: [(&str, &[&str]); 6] = [
            ("owner", &["billing.operate", "menu.read", "roles.manage", "weeks.lock"]),
            ("admin", &["menu.read", "roles.manage", "weeks.lock"]),
            ("account_manager", &["menu.read"]),
            ("kitchen", &["menu.read", "weeks.lock"]),
            ("driver", &[]),
            ("client", &["own.orders.read"]),
        ];
        for (key, expected) in table {
            assert_eq!(permissions(&kitchen, key), expected, "{key}");
        }
        assert_eq!(permissions(&Slug::platform(), "super_admin"), ["platform.tenants.read"]);
    }

    #[test]
    fn every_builtin_key_is_reserved() {
        let kitchen = Slug::kitchen("greenfork").unwrap();
        for slug in [kitchen, Slug::platform()] {
            for role in roles_of(&slug, &catalogue()) {
                assert!(RESERVED.contains(&role.key), "{}", role.key);
            }
        }
    }
}
