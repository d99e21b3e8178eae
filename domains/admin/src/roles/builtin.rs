//! The roles that every tenant starts with (docs/product.md, section 1), as rules over the catalogue.

use bk_kernel::PermissionDef;

use super::catalogue::{Catalogue, OWN, PLATFORM, is_composable};

/// The role whose last holder can neither be removed nor demoted.
pub(crate) const OWNER: &str = "owner";

/// Keys that no tenant may give to a role of its own: they name built-in roles, in its own tenant or in
/// that of the operators.
pub(crate) const RESERVED: [&str; 7] =
    [OWNER, "admin", "account_manager", "kitchen", "driver", "client", "super_admin"];

/// What an owner may do and an admin may not.
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

/// Which built-in roles a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TenantKind {
    /// A tenant that sells meals.
    Regular,
    /// The tenant whose staff are the operators of the deployment.
    Platform,
}

/// A built-in role, as the catalogue defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuiltinRole {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    /// Keys of the catalogue, sorted.
    pub(crate) permissions: Vec<String>,
}

/// The built-in roles of a tenant. A permission that no domain declares (yet) is left out.
pub(crate) fn roles_of(kind: TenantKind, catalogue: &Catalogue) -> Vec<BuiltinRole> {
    let role = |key, title, holds: &dyn Fn(&PermissionDef) -> bool| BuiltinRole {
        key,
        title,
        permissions: catalogue
            .iter()
            .filter(|def| holds(def))
            .map(|def| def.key.to_owned())
            .collect(),
    };
    if kind == TenantKind::Platform {
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

    fn permissions(kind: TenantKind, key: &str) -> Vec<String> {
        roles_of(kind, &catalogue()).into_iter().find(|role| role.key == key).unwrap().permissions
    }

    #[test]
    fn each_builtin_role_holds_what_the_product_says_and_exists() {
        let table: [(&str, &[&str]); 6] = [
            ("owner", &["billing.operate", "menu.read", "roles.manage", "weeks.lock"]),
            ("admin", &["menu.read", "roles.manage", "weeks.lock"]),
            ("account_manager", &["menu.read"]),
            ("kitchen", &["menu.read", "weeks.lock"]),
            ("driver", &[]),
            ("client", &["own.orders.read"]),
        ];
        for (key, expected) in table {
            assert_eq!(permissions(TenantKind::Regular, key), expected, "{key}");
        }
        let super_admin = permissions(TenantKind::Platform, "super_admin");
        assert_eq!(super_admin, ["platform.tenants.read"]);
    }

    #[test]
    fn every_builtin_key_is_reserved() {
        for kind in [TenantKind::Regular, TenantKind::Platform] {
            for role in roles_of(kind, &catalogue()) {
                assert!(RESERVED.contains(&role.key), "{}", role.key);
            }
        }
    }
}
