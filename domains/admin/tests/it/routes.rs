//! What the routes of the domain demand.

use actix_web::{App, http::Method};
use bk_admin::Admin;
use bk_guard::{Access, Assurance, Domain, RouteTable, registration::mount_all};
use bk_kernel::Surface;

fn table() -> RouteTable {
    let mut table = RouteTable::default();
    drop(App::new().configure(|config| mount_all(&[Admin::registration()], config, &mut table)));
    table
}

#[test]
fn every_route_demands_a_permission_of_this_domain() {
    let (table, registration) = (table(), Admin::registration());
    assert_eq!(table.entries().len(), 17);
    for route in table.entries() {
        let Access::Permission(needed) = route.policy.access else { panic!("{}", route.pattern) };
        assert!(registration.all_permissions().contains(&needed), "{}", needed.key);
        let platform = needed.key.starts_with("platform.");
        assert_eq!(route.policy.surface == Surface::Platform, platform, "{}", route.pattern);
        assert_eq!(route.pattern.starts_with("/api/v1/platform/"), platform, "{}", route.pattern);
    }
}

#[test]
fn writing_roles_needs_a_fresh_second_factor_and_operators_always_need_one() {
    for route in table().entries() {
        let writes = route.method != Method::GET;
        let expected = if route.pattern.starts_with("/api/v1/admin/roles") && writes {
            Assurance::StepUp
        } else if route.policy.surface == Surface::Platform {
            Assurance::Aal2
        } else {
            Assurance::Aal1
        };
        assert_eq!(route.policy.assurance, expected, "{} {}", route.method, route.pattern);
        let replaces = route.method == Method::PATCH || route.method == Method::PUT;
        assert_eq!(route.policy.if_match, replaces, "{} {}", route.method, route.pattern);
        assert_eq!(route.policy.idempotent, route.method == Method::POST, "{}", route.pattern);
    }
}
