//! The document is generated, committed, and complete.

use std::{collections::BTreeSet, fs};

use bk_guard::Access;
use bk_kernel::{Code, Surface};
use bk_tests::document::{Operation, document, operations};
use bk_tree::root;
use serde_json::Value;

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed = fs::read_to_string(root().join("openapi/openapi.json")).unwrap_or_default();
    let same = committed == bk_api::openapi_json().unwrap();
    assert!(same, "openapi/openapi.json has drifted from the code: run `just regenerate`");
}

#[test]
fn the_committed_policy_table_is_the_generated_one() {
    let committed = fs::read_to_string(root().join("docs/policies.md")).unwrap_or_default();
    let same = committed == bk_api::policy_page();
    assert!(same, "docs/policies.md has drifted from the code: run `just regenerate`");
}

#[test]
fn operation_ids_are_unique() {
    let mut seen = BTreeSet::new();
    for operation in operations() {
        let id = operation.spec["operationId"].as_str().unwrap_or_default().to_owned();
        assert!(!id.is_empty(), "{} has no operation id", operation.name());
        assert!(seen.insert(id.clone()), "{id} stands twice");
    }
}

#[test]
fn every_operation_says_all_that_a_caller_needs() {
    let missing: Vec<String> = operations()
        .iter()
        .flat_map(|operation| {
            let name = operation.name();
            gaps(operation).into_iter().map(move |gap| format!("{name}: {gap}"))
        })
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn gaps(operation: &Operation) -> Vec<String> {
    let spec = &operation.spec;
    let mut gaps = Vec::new();
    let mut need = |there: bool, what: &str| {
        if !there {
            gaps.push(what.to_owned());
        }
    };
    need(spec["summary"].as_str().is_some_and(|text| !text.is_empty()), "no summary");
    need(spec["tags"].as_array().is_some_and(|tags| tags.len() == 1), "not exactly one tag");
    need(spec["x-rate-class"].is_string(), "no x-rate-class");
    need(spec["x-surface"].is_string(), "no x-surface");
    need(spec["security"].is_array(), "no security");
    let permission = match operation.policy.access {
        Access::Permission(permission) => Some(permission.key),
        _ => None,
    };
    need(spec["x-permission"].as_str() == permission, "x-permission is not the policy's");
    let anonymous = operation.policy.access == Access::Anonymous;
    let secured = spec["security"].as_array().is_some_and(|list| !list.is_empty());
    need(secured != anonymous, "security contradicts the policy");
    for parameter in spec["parameters"].as_array().into_iter().flatten() {
        let name = &parameter["name"];
        need(parameter["description"].is_string(), &format!("parameter {name} has no description"));
    }
    for media in media(&spec["requestBody"]) {
        need(has_example(media), "the request body has no example");
    }
    for (status, response) in spec["responses"].as_object().into_iter().flatten() {
        need(response["description"].is_string(), &format!("{status} has no description"));
        for media in media(response) {
            need(has_example(media), &format!("{status} has no example"));
        }
    }
    let statuses: Vec<&String> =
        spec["responses"].as_object().into_iter().flatten().map(|(s, _)| s).collect();
    need(statuses.iter().any(|s| s.starts_with('2') || s.starts_with('3')), "no success");
    for code in expected_codes(operation) {
        let status = code.status().to_string();
        let examples =
            &spec["responses"][&status]["content"]["application/problem+json"]["examples"];
        need(examples[code.as_str()].is_object(), &format!("{status} does not name {code}"));
    }
    gaps
}

/// What the pipeline can answer any caller of this operation with.
fn expected_codes(operation: &Operation) -> Vec<Code> {
    let policy = &operation.policy;
    let mut codes = vec![Code::Internal, Code::Unavailable];
    let actor = matches!(policy.access, Access::Session | Access::Permission(_));
    let changes = operation.method != "GET";
    let mut add = |applies: bool, list: &[Code]| codes.extend(list.iter().filter(|_| applies));
    add(actor, &[Code::AuthRequired, Code::AuthInvalid, Code::WrongSurface]);
    add(matches!(policy.access, Access::Permission(_)), &[Code::Forbidden]);
    add(actor && changes, &[Code::CsrfInvalid, Code::OriginRejected]);
    add(
        actor && changes && policy.idempotent,
        &[Code::IdempotencyInProgress, Code::IdempotencyMismatch],
    );
    add(policy.if_match, &[Code::PreconditionFailed]);
    add(
        operation.spec["requestBody"].is_object(),
        &[Code::PayloadTooLarge, Code::UnsupportedMediaType],
    );
    add(operation.path.contains('{'), &[Code::NotFound]);
    add(policy.rate != bk_guard::RateClass::Free, &[Code::RateLimited]);
    add(policy.surface == Surface::Webhook, &[Code::SignatureInvalid]);
    codes
}

fn media(of: &Value) -> impl Iterator<Item = &Value> {
    of["content"].as_object().into_iter().flatten().map(|(_, media)| media)
}

fn has_example(of: &Value) -> bool {
    let here = |value: &Value| {
        !value["example"].is_null()
            || value["examples"].as_array().is_some_and(|all| !all.is_empty())
            || value["examples"].as_object().is_some_and(|all| !all.is_empty())
    };
    here(of) || here(&of["schema"]) || of["schema"]["enum"].is_array()
}

#[test]
fn no_schema_asks_for_two_types_at_once() {
    let mut wrong = Vec::new();
    contradictions(&document(), "", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn contradictions(value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(parts) = value["allOf"].as_array() {
        let types: BTreeSet<String> = parts
            .iter()
            .filter(|part| !part["type"].is_null())
            .map(|part| part["type"].to_string())
            .collect();
        if types.len() > 1 {
            wrong.push(format!("{at} must be {types:?} at once"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        contradictions(inner, &format!("{at}/{key}"), wrong);
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        contradictions(inner, &format!("{at}/{index}"), wrong);
    }
}

#[test]
fn the_document_names_exactly_the_error_codes() {
    let document = document();
    let documented: BTreeSet<&str> = document["components"]["examples"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let closed: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, closed);
    let listed =
        document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array();
    let listed: BTreeSet<&str> = listed.into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(listed, closed, "the schema of Problem closes the list");
}
