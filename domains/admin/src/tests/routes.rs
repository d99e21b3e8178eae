//! What the routes of the domain demand, and its lists.

use actix_web::{App, http::Method};
use bk_guard::{Access, Assurance, RouteTable, Routes};
use bk_kernel::{Limit, Surface};

use super::kitchen::{Deployment, permit};
use crate::{
    permissions::{PlatformTenantsRead, SettingsWrite},
    tenants::{MayRename, RenameTenantError, TenantName, list_kitchens, rename_tenant},
};

fn table() -> RouteTable {
    let mut table = RouteTable::default();
    drop(
        App::new()
            .configure(|config| crate::routes(&mut Routes::new(config, &mut table, "/api/v1"))),
    );
    table
}

#[test]
fn every_route_demands_a_permission_of_this_domain() {
    let table = table();
    assert_eq!(table.entries().len(), 17);
    for route in table.entries() {
        let Access::Permission(needed) = route.policy.access else { panic!("{}", route.pattern) };
        assert!(crate::permissions().contains(&needed), "{}", needed.key);
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

#[tokio::test]
async fn operators_page_through_the_kitchens_and_do_not_see_themselves() {
    let bk = Deployment::new().await;
    let operators = bk.tenant("platform").await;
    let mut kitchens = Vec::new();
    for slug in ["greenfork", "northside", "southbank"] {
        kitchens.push(bk.tenant(slug).await);
    }
    let by = bk.acting(operators, &[]);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let limit = Limit::new(2).unwrap();
        let may = permit::<PlatformTenantsRead>(&by);
        let page = list_kitchens(&bk.admin, may, limit, after).await.unwrap();
        seen.extend(page.items.iter().map(|tenant| tenant.id));
        let Some(next) = page.next_cursor else { break };
        after = bk_kernel::Cursor::decode(&next);
    }
    assert_eq!(seen, kitchens);
}

#[tokio::test]
async fn a_tenant_is_renamed_by_whoever_saw_its_present_name() {
    let bk = Deployment::new().await;
    let tenant = bk.tenant("greenfork").await;
    let by = bk.acting(tenant, &[]);
    let may = MayRename::Own(permit::<SettingsWrite>(&by));
    let name = || TenantName::parse("Green Fork Kitchen").unwrap();
    let renamed = rename_tenant(&bk.admin, may, by.clone(), 1, name()).await.unwrap();
    assert_eq!((renamed.version, renamed.slug.as_str()), (2, "greenfork"));
    assert_eq!(bk.people.sessions_forgotten(), 1, "they carry the name");
    let stale = rename_tenant(&bk.admin, may, by, 1, name()).await;
    assert!(matches!(stale, Err(RenameTenantError::Stale)));
    assert_eq!(bk.audited(tenant).await, ["tenant.seeded", "tenant.renamed"]);
}
