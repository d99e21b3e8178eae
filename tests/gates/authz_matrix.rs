//! Role × operation, for the whole document: every built-in role calls every operation, and who may
//! call what, and who may not and is told what, changes only on purpose.

use std::collections::{BTreeMap, BTreeSet};

use bk_guard::{Access, Assurance};
use bk_kernel::Surface;
use bk_tests::{
    Browser, TestServer,
    document::{Operation, operations},
    server::GREENFORK,
};

/// Every built-in role, its login in the demo data, and the surface it belongs to.
const ROLES: &[(&str, &str, Surface)] = &[
    ("owner", "owner@greenfork.test", Surface::Admin),
    ("admin", "admin@greenfork.test", Surface::Admin),
    ("account_manager", "manager@greenfork.test", Surface::Admin),
    ("kitchen", "kitchen@greenfork.test", Surface::Admin),
    ("driver", "driver@greenfork.test", Surface::Admin),
    ("client", "client1@greenfork.test", Surface::Client),
    ("super_admin", "operator@platform.test", Surface::Platform),
];

/// What the guard tells callers who may not call an operation.
const REFUSALS: &[&str] = &[
    "401 AUTH_INVALID",
    "401 AUTH_REQUIRED",
    "403 CSRF_INVALID",
    "403 FORBIDDEN",
    "403 ORIGIN_REJECTED",
    "403 STEP_UP_REQUIRED",
    "403 WRONG_SURFACE",
];

/// Whether a role may call an operation, or with what it is refused.
type Cell = Result<(), String>;

#[tokio::test]
async fn each_role_may_call_these_operations_and_is_refused_the_others() {
    let server = TestServer::start().await;
    let held = permissions_of_roles(&server).await;
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    let mut browsers = BTreeMap::new();
    for (role, login, surface) in ROLES {
        browsers.insert(*role, logged_in(&server, login, *surface).await);
    }
    for operation in operations().iter().filter(|operation| has_actor(operation)) {
        let mut cells: Vec<(&str, Cell)> = Vec::new();
        for (role, login, surface) in ROLES {
            let expected = by_policy(operation, *surface, &held[*role]);
            let browser = browsers.get_mut(role).unwrap();
            let mut found = by_calling(operation, browser).await;
            if found.as_ref().is_err_and(|refusal| refusal.starts_with("401 ")) {
                // A call before this one ended the session.
                *browser = logged_in(&server, login, *surface).await;
                found = by_calling(operation, browser).await;
            }
            if found != expected {
                wrong.push(format!(
                    "{} as {role}: {found:?}, by its policy {expected:?}",
                    operation.name()
                ));
            }
            cells.push((role, found));
        }
        lines.push(line(operation, &cells));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    lines.extend(operations().iter().filter(|operation| !has_actor(operation)).map(|operation| {
        let who = match operation.policy.access {
            Access::Signature => "the payment provider",
            _ => "anyone",
        };
        format!("{} {}: {who}", operation.path, operation.method)
    }));
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

/// What the policy of the operation says of a role with these permissions.
fn by_policy(operation: &Operation, surface: Surface, permissions: &BTreeSet<String>) -> Cell {
    let policy = &operation.policy;
    // Operators log in where staff do, and so have sessions there.
    let admitted = surface == policy.surface
        || (policy.access == Access::Session
            && (surface, policy.surface) == (Surface::Platform, Surface::Admin));
    if !admitted {
        return Err("403 WRONG_SURFACE".to_owned());
    }
    match policy.access {
        Access::Permission(permission) if !permissions.contains(permission.key) => {
            Err("403 FORBIDDEN".to_owned())
        }
        _ => Ok(()),
    }
}

/// What the server says to a person who holds the role and nothing else.
async fn by_calling(operation: &Operation, browser: &Browser) -> Cell {
    let answer = browser.send(operation.call()).await;
    assert!(answer.status < 500, "{}: {}", operation.name(), answer.text());
    if REFUSALS.contains(&answer.outcome().as_str()) { Err(answer.outcome()) } else { Ok(()) }
}

async fn logged_in(server: &TestServer, login: &str, surface: Surface) -> Browser {
    let (tenant, front_end) = match surface {
        Surface::Platform => ("platform", Surface::Admin),
        other => (GREENFORK, other),
    };
    server.logged_in(front_end, tenant, login).await
}

fn has_actor(operation: &Operation) -> bool {
    matches!(operation.policy.access, Access::Session | Access::Permission(_))
}

/// One line of the matrix: `PATH METHOD (permission): may admin, owner; FORBIDDEN driver`.
fn line(operation: &Operation, cells: &[(&str, Cell)]) -> String {
    let needs = match operation.policy.access {
        Access::Permission(permission) => permission.key,
        _ => "any session",
    };
    let assurance = match operation.policy.assurance {
        Assurance::Aal1 => "",
        Assurance::Aal2 => ", second factor",
        Assurance::StepUp => ", fresh second factor",
    };
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (role, cell) in cells {
        let group = match cell {
            Ok(()) => "may".to_owned(),
            Err(refusal) => format!("no: {refusal}"),
        };
        groups.entry(group).or_default().push(role);
    }
    let groups: Vec<String> =
        groups.iter().map(|(group, roles)| format!("{group} {}", roles.join(", "))).collect();
    let (path, method) = (&operation.path, &operation.method);
    format!("{path} {method} ({needs}{assurance}): {}", groups.join("; "))
}

#[tokio::test]
async fn every_permission_opens_some_operation_and_every_operation_is_open_to_some_role() {
    let server = TestServer::start().await;
    let held = permissions_of_roles(&server).await;
    let operations = operations();
    let mut wrong = unopened(&operations, &held);
    let opened: BTreeSet<&str> = operations
        .iter()
        .filter_map(|operation| match operation.policy.access {
            Access::Permission(permission) => Some(permission.key),
            _ => None,
        })
        .collect();
    let all: BTreeSet<&String> = held.values().flatten().collect();
    assert!(all.len() > 20, "the permissions were read");
    for permission in all.into_iter().filter(|key| !opened.contains(key.as_str())) {
        wrong.push(format!("{permission} opens no operation"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The operations that need a permission which no role of their surface holds.
fn unopened(operations: &[Operation], held: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut unopened = Vec::new();
    for operation in operations {
        let Access::Permission(permission) = operation.policy.access else { continue };
        let open = ROLES.iter().any(|(role, _, surface)| {
            *surface == operation.policy.surface
                && held.get(*role).is_some_and(|keys| keys.contains(permission.key))
        });
        if !open {
            unopened.push(format!(
                "no built-in role may call {} ({})",
                operation.name(),
                permission.key
            ));
        }
    }
    unopened
}

#[test]
fn an_operation_that_no_role_may_call_is_reported() {
    let operations = operations();
    let needing =
        operations.iter().filter(|o| matches!(o.policy.access, Access::Permission(_))).count();
    assert!(needing > 50, "the operations were read");
    assert_eq!(unopened(&operations, &BTreeMap::new()).len(), needing);
}

/// The permissions of every built-in role, which are all in [`ROLES`].
async fn permissions_of_roles(server: &TestServer) -> BTreeMap<String, BTreeSet<String>> {
    let rows: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT r.key, r.permissions FROM admin_roles r JOIN admin_tenants t USING (tenant_id)
         WHERE t.slug IN ('greenfork', 'platform') AND r.builtin",
    )
    .fetch_all(&server.db.admin)
    .await
    .unwrap();
    let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (role, permissions) in rows {
        held.entry(role).or_default().extend(permissions);
    }
    let named: BTreeSet<&str> = ROLES.iter().map(|(role, ..)| *role).collect();
    let built_in: BTreeSet<&str> = held.keys().map(String::as_str).collect();
    assert_eq!(built_in, named, "every built-in role is called with");
    held
}
