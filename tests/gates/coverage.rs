//! Every route is called by those who may not, and answers exactly what its policy says: anonymous,
//! on the wrong surface, in the wrong role, not sure enough of the person, from a foreign site,
//! without the CSRF token. Routes for anyone are called in earnest: as they are meant, and with what
//! they must refuse. (The wrong tenant has a gate of its own, `isolation`.)
//!
//! The cases follow from the policies; a route that some required case was not tried on is reported,
//! as is an anonymous route that this file does not know how to call.

use std::collections::{BTreeMap, BTreeSet};

use bk_guard::{Access, Assurance, Policy};
use bk_kernel::Surface;
use bk_tests::{
    Answer, Browser, Call, TestServer,
    document::{Operation, operations},
    people::invitation_token,
    server::{DEMO_PASSWORD, GREENFORK},
};
use chrono::TimeDelta;
use serde_json::json;

/// What is tried on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Case {
    /// Without a session.
    Anonymous,
    /// With a session of every other surface.
    WrongSurface,
    /// With a session that lacks the permission.
    WithoutPermission,
    /// From a page of another site.
    ForeignSite,
    /// Without the token of the page.
    WithoutCsrf,
    /// With an assurance level that is too low.
    LowAssurance,
    /// As an anonymous route is meant to be called.
    InEarnest,
    /// With what an anonymous route must refuse.
    Refused,
}

/// The cases that a route with this policy must be tried on.
fn required(method: &str, policy: &Policy) -> BTreeSet<Case> {
    let changes = method != "GET";
    let mut cases = BTreeSet::new();
    match policy.access {
        Access::Anonymous => {
            cases.insert(Case::InEarnest);
            if changes {
                cases.extend([Case::Refused, Case::ForeignSite]);
            }
        }
        Access::Signature => {
            cases.insert(Case::Refused);
        }
        Access::Session | Access::Permission(_) => {
            cases.extend([Case::Anonymous, Case::WrongSurface, Case::ForeignSite]);
            if changes {
                cases.insert(Case::WithoutCsrf);
            }
            if matches!(policy.access, Access::Permission(_)) {
                cases.insert(Case::WithoutPermission);
            }
            if policy.assurance != Assurance::Aal1 {
                cases.insert(Case::LowAssurance);
            }
        }
    }
    cases
}

/// What was tried, by the name of the operation.
type Tried = BTreeMap<String, BTreeSet<Case>>;

/// The operations with the required cases that were not tried on them.
fn uncovered(operations: &[Operation], tried: &Tried) -> Vec<String> {
    let nothing = BTreeSet::new();
    let mut uncovered = Vec::new();
    for operation in operations {
        let tried = tried.get(&operation.name()).unwrap_or(&nothing);
        let required = required(&operation.method, &operation.policy);
        let missing: Vec<&Case> = required.difference(tried).collect();
        if !missing.is_empty() {
            uncovered.push(format!("{}: {missing:?}", operation.name()));
        }
    }
    uncovered
}

/// The answers so far.
#[derive(Default)]
struct Report {
    tried: Tried,
    wrong: Vec<String>,
}

impl Report {
    fn expect(&mut self, operation: &Operation, case: Case, answer: &Answer, expected: &str) {
        self.tried.entry(operation.name()).or_default().insert(case);
        let found = answer.outcome();
        if found != expected {
            let name = operation.name();
            self.wrong.push(format!("{name} {case:?}: {found} instead of {expected}"));
        }
    }
}

#[tokio::test]
async fn every_route_refuses_whom_its_policy_refuses_and_admits_whom_it_admits() {
    let server = TestServer::start().await;
    let people = People::gather(&server).await;
    let operations = operations();
    let mut report = Report::default();
    for operation in &operations {
        match operation.policy.access {
            Access::Anonymous => call_in_earnest(operation, &server, &mut report).await,
            Access::Signature => {
                let answer = people.anonymous.send(operation.call()).await;
                report.expect(operation, Case::Refused, &answer, "400 SIGNATURE_INVALID");
            }
            Access::Session | Access::Permission(_) => {
                call_without_right(operation, &people, &mut report).await;
            }
        }
    }
    // Last, since it takes the second factor of every session.
    call_with_low_assurance(&server, &people, &operations, &mut report).await;
    let uncovered = uncovered(&operations, &report.tried);
    assert!(uncovered.is_empty(), "not tried:\n{}", uncovered.join("\n"));
    assert!(report.wrong.is_empty(), "{}", report.wrong.join("\n"));
}

#[test]
fn a_route_without_a_required_case_is_reported() {
    let operations = operations();
    let all = |operation: &Operation| required(&operation.method, &operation.policy);
    let mut tried: Tried = operations.iter().map(|o| (o.name(), all(o))).collect();
    assert_eq!(uncovered(&operations, &tried), Vec::<String>::new());
    for operation in &operations {
        for case in all(operation) {
            tried.get_mut(&operation.name()).unwrap().remove(&case);
            let expected = vec![format!("{}: [{case:?}]", operation.name())];
            assert_eq!(uncovered(&operations, &tried), expected);
            tried.get_mut(&operation.name()).unwrap().insert(case);
        }
        let whole = tried.remove(&operation.name()).unwrap();
        assert_eq!(uncovered(&operations, &tried).len(), 1, "{}", operation.name());
        tried.insert(operation.name(), whole);
    }
}

/// Calls an operation as everyone who may not.
async fn call_without_right(operation: &Operation, people: &People, report: &mut Report) {
    let surface = operation.policy.surface;
    let any_session = operation.policy.access == Access::Session;
    let answer = people.anonymous.send(operation.call()).await;
    report.expect(operation, Case::Anonymous, &answer, "401 AUTH_REQUIRED");
    // A surface that is not here has no sessions: its operations are reported as not tried.
    let (holder, lacking, others) = match surface {
        Surface::Client => {
            (&people.client, &people.client_without_rights, vec![&people.owner, &people.operator])
        }
        Surface::Platform => {
            (&people.operator, &people.operator_without_rights, vec![&people.owner, &people.client])
        }
        Surface::Admin if any_session => (&people.owner, &people.driver, vec![&people.client]),
        Surface::Admin => (&people.owner, &people.driver, vec![&people.client, &people.operator]),
        _ => return,
    };
    for other in others {
        let answer = other.send(operation.call()).await;
        report.expect(operation, Case::WrongSurface, &answer, "403 WRONG_SURFACE");
    }
    if !any_session {
        let answer = lacking.send(operation.call()).await;
        report.expect(operation, Case::WithoutPermission, &answer, "403 FORBIDDEN");
    }
    let foreign = operation.call().from_origin("https://elsewhere.example");
    let answer = holder.send(foreign).await;
    report.expect(operation, Case::ForeignSite, &answer, "403 ORIGIN_REJECTED");
    if operation.method != "GET" {
        let answer = holder.send(operation.call().without_csrf()).await;
        report.expect(operation, Case::WithoutCsrf, &answer, "403 CSRF_INVALID");
    }
}

/// Calls an anonymous operation as it is meant, and with what it must refuse. One that is not known
/// here is not tried, and so reported.
async fn call_in_earnest(operation: &Operation, server: &TestServer, report: &mut Report) {
    let surface = operation.policy.surface;
    let visitor = server.visitor(surface);
    let call = |body: &serde_json::Value| Call::new(&operation.method, &operation.path).json(body);
    let (good, refused) = match operation.path.rsplit_once('/').map_or("", |(_, last)| last) {
        "healthz" | "readyz" => {
            let answer = visitor.send(operation.call()).await;
            return report.expect(operation, Case::InEarnest, &answer, "200");
        }
        "login" => {
            let login = if surface == Surface::Client { "client2" } else { "kitchen" };
            let body = |password: &str| json!({"tenant": GREENFORK, "email": format!("{login}@greenfork.test"), "password": password});
            (body(DEMO_PASSWORD), body("not the password of anyone here"))
        }
        "accept" => {
            let token = invite(server, surface).await;
            let body = |token: &str| json!({"tenant": GREENFORK, "token": token, "password": "a slow walk along the river"});
            (body(&token), body(&token.chars().rev().collect::<String>()))
        }
        _ => return,
    };
    let foreign = call(&good).from_origin("https://elsewhere.example");
    let answer = visitor.send(foreign).await;
    report.expect(operation, Case::ForeignSite, &answer, "403 ORIGIN_REJECTED");
    let answer = visitor.send(call(&refused)).await;
    report.expect(operation, Case::Refused, &answer, "401 AUTH_INVALID");
    let answer = visitor.send(call(&good)).await;
    let success = operation.success().to_string();
    report.expect(operation, Case::InEarnest, &answer, &success);
}

/// Invites a person to a surface and answers the token that was mailed to them.
async fn invite(server: &TestServer, surface: Surface) -> String {
    let owner = server.staff(GREENFORK, "owner").await;
    let email = format!("{surface}@invited.test");
    if surface == Surface::Client {
        let account = json!({
            "name": "An invited household", "tier": "BASE",
            "client": {"email": email, "display_name": "Invited"},
        });
        owner.post("/admin/accounts", &account).await.done();
    } else {
        let guest = json!({"email": email, "display_name": "Invited", "roles": ["driver"]});
        owner.post("/admin/invitations", &guest).await.done();
    }
    invitation_token(server, &email).await
}

/// Calls everything that asks for a second factor with sessions that have none, and what asks for a
/// fresh one with sessions whose factor was presented too long ago.
async fn call_with_low_assurance(
    server: &TestServer,
    people: &People,
    operations: &[Operation],
    report: &mut Report,
) {
    let asking: Vec<&Operation> = operations
        .iter()
        .filter(|o| has_actor(o) && o.policy.assurance != Assurance::Aal1)
        .collect();
    assert!(!asking.is_empty(), "some operations ask for a second factor");
    let holder = |operation: &Operation| match operation.policy.surface {
        Surface::Platform => &people.operator,
        Surface::Client => &people.client,
        _ => &people.owner,
    };
    // One factor only, as logins in production have.
    set_second_factor(server, None).await;
    for operation in &asking {
        let answer = holder(operation).send(operation.call()).await;
        report.expect(operation, Case::LowAssurance, &answer, "403 STEP_UP_REQUIRED");
    }
    let long_ago = server.clock.now() - TimeDelta::minutes(16);
    set_second_factor(server, Some(long_ago)).await;
    for operation in asking.iter().filter(|o| o.policy.assurance == Assurance::StepUp) {
        let answer = holder(operation).send(operation.call()).await;
        report.expect(operation, Case::LowAssurance, &answer, "403 STEP_UP_REQUIRED");
    }
    // What needs a second factor, and not a fresh one, is open again.
    assert_eq!(people.operator.get("/platform/tenants").await.outcome(), "200");
}

fn has_actor(operation: &Operation) -> bool {
    matches!(operation.policy.access, Access::Session | Access::Permission(_))
}

/// Who calls.
struct People {
    anonymous: Browser,
    client: Browser,
    client_without_rights: Browser,
    driver: Browser,
    owner: Browser,
    operator: Browser,
    operator_without_rights: Browser,
}

impl People {
    async fn gather(server: &TestServer) -> Self {
        demote(server, "client8@greenfork.test").await;
        another_operator(server).await;
        Self {
            anonymous: server.visitor(Surface::Client),
            client: server.client(GREENFORK, "client1").await,
            client_without_rights: server.client(GREENFORK, "client8").await,
            driver: server.staff(GREENFORK, "driver").await,
            owner: server.staff(GREENFORK, "owner").await,
            operator: server.operator().await,
            operator_without_rights: {
                server.logged_in(Surface::Admin, "platform", "without@platform.test").await
            },
        }
    }
}

/// Takes all roles from a user.
async fn demote(server: &TestServer, email: &str) {
    let demote = "DELETE FROM identity_user_roles r USING identity_users u
                  WHERE u.tenant_id = r.tenant_id AND u.id = r.user_id AND u.email = $1";
    let done = sqlx::query(demote).bind(email).execute(&server.db.admin).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{email} had a role");
}

/// Adds an operator who holds no role.
async fn another_operator(server: &TestServer) {
    sqlx::query(
        "INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash,
             password_changed_at, email_verified_at, created_at, updated_at)
         SELECT tenant_id, gen_random_uuid(), 'without@platform.test', 'No Role', kind, status, password_hash,
             password_changed_at, email_verified_at, created_at, updated_at
         FROM identity_users WHERE email = 'operator@platform.test'",
    )
    .execute(&server.db.admin)
    .await
    .unwrap();
}

/// Says when every session presented its second factor.
async fn set_second_factor(server: &TestServer, at: Option<chrono::DateTime<chrono::Utc>>) {
    sqlx::query("UPDATE identity_sessions SET aal2_at = $1")
        .bind(at)
        .execute(&server.db.admin)
        .await
        .unwrap();
}
