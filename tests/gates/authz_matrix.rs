//! Role × operation, for the whole document: who may call what changes only on purpose.

use std::collections::BTreeMap;

use bk_guard::{Access, Assurance};
use bk_kernel::Surface;
use bk_tests::{TestServer, document::operations};

#[tokio::test]
async fn the_roles_that_may_call_each_operation_are_these() {
    let server = TestServer::start().await;
    let mut roles = builtin_roles(&server, "greenfork").await;
    roles.extend(builtin_roles(&server, "platform").await);
    let mut lines: Vec<String> = operations()
        .iter()
        .map(|operation| {
            let policy = &operation.policy;
            let who = match policy.access {
                Access::Anonymous => "anybody".to_owned(),
                Access::Signature => "the payment provider".to_owned(),
                Access::Session => format!("any session of {}", policy.surface),
                Access::Permission(permission) => {
                    let holders: Vec<&str> = roles
                        .iter()
                        .filter(|(role, held)| {
                            door_of(role) == policy.surface
                                && held.iter().any(|key| key == permission.key)
                        })
                        .map(|(role, _)| role.as_str())
                        .collect();
                    format!("{} ({})", holders.join(", "), permission.key)
                }
            };
            let assurance = match policy.assurance {
                Assurance::Aal1 => "",
                Assurance::Aal2 => ", second factor",
                Assurance::StepUp => ", fresh second factor",
            };
            format!("{} {}: {who}{assurance}", operation.path, operation.method)
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn every_permission_opens_some_operation_and_every_operation_is_open_to_somebody() {
    let server = TestServer::start().await;
    let mut roles = builtin_roles(&server, "greenfork").await;
    roles.extend(builtin_roles(&server, "platform").await);
    for operation in operations() {
        if let Access::Permission(permission) = operation.policy.access {
            let open = roles.iter().any(|(role, held)| {
                door_of(role) == operation.policy.surface
                    && held.iter().any(|k| k == permission.key)
            });
            assert!(open, "no built-in role may call {} ({})", operation.name(), permission.key);
        }
    }
}

/// The surface that holders of a built-in role come through.
fn door_of(role: &str) -> Surface {
    match role {
        "client" => Surface::Client,
        "super_admin" => Surface::Platform,
        _ => Surface::Admin,
    }
}

/// Roles and what they permit, by key.
async fn builtin_roles(server: &TestServer, slug: &str) -> BTreeMap<String, Vec<String>> {
    let rows: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT r.key, r.permissions FROM admin_roles r JOIN admin_tenants t USING (tenant_id)
         WHERE t.slug = $1 AND r.builtin",
    )
    .bind(slug)
    .fetch_all(&server.db.admin)
    .await
    .unwrap();
    assert!(!rows.is_empty(), "{slug} has built-in roles");
    rows.into_iter().collect()
}
