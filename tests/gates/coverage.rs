//! Every operation of the document is called by those who may not, and answers exactly what its
//! policy says: anonymous, through the wrong door, in the wrong role, not sure enough of the person,
//! from a foreign site, without the CSRF token. (The wrong tenant has a gate of its own, `isolation`.)
//!
//! The cases are made from the document and its policies, so a new operation is covered at once.

use bk_guard::{Access, Assurance};
use bk_kernel::Surface;
use bk_tests::{
    Browser, Call, TestServer,
    browser::Door,
    document::{Operation, operations},
    server::GREENFORK,
};
use chrono::TimeDelta;

/// An id that nobody has: refused callers never get as far as looking for it.
const NOBODYS: &str = "019ab0c2-7d1e-7f00-8000-0000000000ff";

/// The people who call.
struct People {
    /// Never logs in.
    nobody: Browser,
    /// Tries open routes, and so may be logged in by one.
    passer_by: Browser,
    client: Browser,
    client_without_rights: Browser,
    driver: Browser,
    owner: Browser,
    operator: Browser,
    operator_without_rights: Browser,
}

#[tokio::test]
async fn whoever_may_not_call_an_operation_is_refused_with_the_code_of_its_policy() {
    let server = TestServer::start().await;
    let people = People::gather(&server).await;
    let mut wrong = Vec::new();
    let mut uncovered = Vec::new();
    for operation in operations() {
        let cases = cases(&operation, &people);
        if cases.is_empty() {
            uncovered.push(operation.name());
        }
        for (who, browser, call, expected) in cases {
            let answer = browser.send(call).await;
            let as_expected = match expected {
                Expected::Code(code) => answer.verdict() == code,
                Expected::NoLoginAsked => {
                    !["AUTH_REQUIRED", "WRONG_SURFACE", "FORBIDDEN"]
                        .contains(&answer.code().as_str())
                        && answer.status < 500
                }
            };
            if !as_expected {
                wrong.push(format!(
                    "{} {who}: {} instead of {expected:?}",
                    operation.name(),
                    answer.verdict()
                ));
            }
        }
    }
    assert!(uncovered.is_empty(), "no case for:\n{}", uncovered.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_session_that_is_not_sure_enough_of_its_person_is_asked_to_step_up() {
    let server = TestServer::start().await;
    let (owner, operator) = (server.staff(GREENFORK, "owner").await, server.operator().await);
    // One factor only, as logins in production have.
    set_second_factor(&server, None).await;
    let mut tried = 0;
    for operation in operations() {
        let browser =
            if operation.policy.surface == Surface::Platform { &operator } else { &owner };
        if has_actor(&operation) && operation.policy.assurance != Assurance::Aal1 {
            let answer = browser.send(call(&operation)).await;
            assert_eq!(answer.verdict(), "403 STEP_UP_REQUIRED", "{}", operation.name());
            tried += 1;
        }
    }
    assert!(tried > 0, "some operations ask for a second factor");
    // A second factor that was presented too long ago opens what needs one, not what needs a fresh one.
    let long_ago = server.clock.now() - TimeDelta::minutes(16);
    set_second_factor(&server, Some(long_ago)).await;
    for operation in operations() {
        let browser =
            if operation.policy.surface == Surface::Platform { &operator } else { &owner };
        if has_actor(&operation) && operation.policy.assurance == Assurance::StepUp {
            let answer = browser.send(call(&operation)).await;
            assert_eq!(answer.verdict(), "403 STEP_UP_REQUIRED", "{}", operation.name());
        }
    }
    assert_eq!(operator.get("/platform/tenants").await.status, 200);
}

/// What must come back.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// Exactly this.
    Code(&'static str),
    /// Anything that an open route answers.
    NoLoginAsked,
}

type Case<'p> = (&'static str, &'p Browser, Call, Expected);

/// Everybody who may not call the operation, and what they are told.
fn cases<'p>(operation: &Operation, people: &'p People) -> Vec<Case<'p>> {
    use Expected::{Code, NoLoginAsked};
    let surface = operation.policy.surface;
    let plain = || call(operation);
    if !has_actor(operation) {
        let expected = match operation.policy.access {
            Access::Signature => Code("400 SIGNATURE_INVALID"),
            _ => NoLoginAsked,
        };
        return vec![("anonymous", &people.passer_by, plain(), expected)];
    }
    let mut cases = vec![("anonymous", &people.nobody, plain(), Code("401 AUTH_REQUIRED"))];
    let mut wrong_door =
        |who, browser| cases.push((who, browser, plain(), Code("403 WRONG_SURFACE")));
    let any_session = operation.policy.access == Access::Session;
    match surface {
        Surface::Client => {
            wrong_door("staff on the client's surface", &people.owner);
            wrong_door("an operator on the client's surface", &people.operator);
        }
        Surface::Platform => {
            wrong_door("staff on the platform", &people.owner);
            wrong_door("a client on the platform", &people.client);
        }
        _ => {
            wrong_door("a client on the admin surface", &people.client);
            if !any_session {
                wrong_door("an operator on the admin surface", &people.operator);
            }
        }
    }
    if !any_session {
        let lacking = match surface {
            Surface::Client => &people.client_without_rights,
            Surface::Platform => &people.operator_without_rights,
            _ => &people.driver,
        };
        cases.push(("without the permission", lacking, plain(), Code("403 FORBIDDEN")));
    }
    let holder = match surface {
        Surface::Client => &people.client,
        Surface::Platform => &people.operator,
        _ => &people.owner,
    };
    let foreign = plain().from_origin("https://elsewhere.example");
    cases.push(("from another site", holder, foreign, Code("403 ORIGIN_REJECTED")));
    if operation.method != "GET" {
        cases.push((
            "without the CSRF token",
            holder,
            plain().without_csrf(),
            Code("403 CSRF_INVALID"),
        ));
    }
    cases
}

fn has_actor(operation: &Operation) -> bool {
    matches!(operation.policy.access, Access::Session | Access::Permission(_))
}

/// A well-formed call from the surface's own front end: ids of nobody, the document's own example as
/// the body.
fn call(operation: &Operation) -> Call {
    let mut path = operation.path.clone();
    for name in operation.path_parameters() {
        let value = if name == "week" { "2026-W48" } else { NOBODYS };
        path = path.replace(&format!("{{{name}}}"), value);
    }
    let door = if operation.policy.surface == Surface::Client { Door::Client } else { Door::Admin };
    let mut call = Call::new(operation.method.parse().unwrap(), path).from_origin(door.origin());
    if let Some((kind, text)) = operation.example_body() {
        call = call.body(&kind, text);
    }
    if operation.policy.if_match { call.header("if-match", "\"1\"") } else { call }
}

impl People {
    async fn gather(server: &TestServer) -> Self {
        demote(server, "client8@greenfork.test").await;
        another_operator(server).await;
        Self {
            nobody: server.visitor(Door::Client),
            passer_by: server.visitor(Door::Client),
            client: server.client(GREENFORK, "client1").await,
            client_without_rights: server.client(GREENFORK, "client8").await,
            driver: server.staff(GREENFORK, "driver").await,
            owner: server.staff(GREENFORK, "owner").await,
            operator: server.operator().await,
            operator_without_rights: {
                server.logged_in(Door::Admin, "platform", "nobody@platform.test").await
            },
        }
    }
}

/// Takes all roles from somebody.
async fn demote(server: &TestServer, email: &str) {
    let demote = "DELETE FROM identity_user_roles r USING identity_users u
                  WHERE u.tenant_id = r.tenant_id AND u.id = r.user_id AND u.email = $1";
    let done = sqlx::query(demote).bind(email).execute(&server.db.admin).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{email} had a role");
}

/// An operator who holds no role.
async fn another_operator(server: &TestServer) {
    sqlx::query(
        "INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash,
             password_changed_at, email_verified_at, created_at, updated_at)
         SELECT tenant_id, gen_random_uuid(), 'nobody@platform.test', 'Nobody', kind, status, password_hash,
             password_changed_at, email_verified_at, created_at, updated_at
         FROM identity_users WHERE email = 'operator@platform.test'",
    )
    .execute(&server.db.admin)
    .await
    .unwrap();
}

/// When every session presented its second factor.
async fn set_second_factor(server: &TestServer, at: Option<chrono::DateTime<chrono::Utc>>) {
    sqlx::query("UPDATE identity_sessions SET aal2_at = $1")
        .bind(at)
        .execute(&server.db.admin)
        .await
        .unwrap();
}
