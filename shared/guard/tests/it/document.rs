//! What the document says about the routes.

use bk_guard::{DocumentInfo, document, document_json, grammar_defects, policy_table};
use serde_json::Value;

use crate::app::table;

fn info() -> DocumentInfo {
    DocumentInfo {
        title: "Balance Kitchen".to_owned(),
        version: "1".to_owned(),
        description: "Things".to_owned(),
        licence: "Apache-2.0".to_owned(),
        server_url: "/".to_owned(),
        tags: vec![("things".to_owned(), "Spoons and forks".to_owned())],
    }
}

fn text() -> String {
    document_json(&document(&table(), info())).unwrap()
}

fn read() -> Value {
    serde_json::from_str(&text()).unwrap()
}

fn operation<'d>(document: &'d Value, method: &str, path: &str) -> &'d Value {
    &document["paths"][path][method]
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_document_is_the_same_every_time() {
    assert_eq!(text(), text());
    let document = read();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    assert_eq!(document["tags"][2]["name"], "site");
}

#[test]
fn every_operation_says_what_its_policy_says() {
    let document = read();
    let post = operation(&document, "post", "/api/v1/client/things");
    assert_eq!(post["x-permission"], "things.write");
    assert_eq!(post["x-rate-class"], "write");
    assert_eq!(post["x-surface"], "client");
    assert_eq!(post["x-assurance"], "aal1");
    assert_eq!(post["x-body-limit-bytes"], 65_536);
    assert!(post["security"][0]["client_session"].is_array());
    assert!(post["security"][0]["csrf_token"].is_array());
    let get = operation(&document, "get", "/api/v1/client/things/{id}");
    assert!(get["security"][0]["csrf_token"].is_null());
    let delete = operation(&document, "delete", "/api/v1/admin/things/{id}");
    assert_eq!(delete["x-assurance"], "step_up");
    assert!(delete["security"][0]["admin_session"].is_array());
    let health = operation(&document, "get", "/healthz");
    assert_eq!(health["security"], serde_json::json!([]));
}

#[test]
fn errors_are_those_that_the_operation_can_answer_with() {
    let document = read();
    let get = operation(&document, "get", "/api/v1/client/things/{id}");
    assert_eq!(statuses(get), ["200", "401", "403", "404", "422", "429", "500", "503"]);
    let post = operation(&document, "post", "/api/v1/client/things");
    assert_eq!(
        statuses(post),
        ["201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"]
    );
    let put = operation(&document, "put", "/api/v1/client/things/{id}");
    assert!(statuses(put).contains(&"412"));
    assert_eq!(statuses(operation(&document, "get", "/healthz")), ["200", "500", "503"]);
    let forbidden = &post["responses"]["403"]["content"]["application/problem+json"];
    assert_eq!(forbidden["schema"]["$ref"], "#/components/schemas/Problem");
    let codes: Vec<_> = forbidden["examples"].as_object().unwrap().keys().collect();
    assert_eq!(codes, ["CSRF_INVALID", "FORBIDDEN", "ORIGIN_REJECTED", "WRONG_SURFACE"]);
    assert_eq!(document["components"]["examples"]["FORBIDDEN"]["value"]["status"], 403);
}

#[test]
fn headers_are_declared_where_they_are_read_and_sent() {
    let document = read();
    let put = operation(&document, "put", "/api/v1/client/things/{id}");
    let if_match =
        put["parameters"].as_array().unwrap().iter().find(|p| p["name"] == "If-Match").unwrap();
    assert_eq!(if_match["required"], true);
    let post = operation(&document, "post", "/api/v1/client/things");
    assert_eq!(post["parameters"][0]["name"], "Idempotency-Key");
    assert!(post["responses"]["201"]["headers"]["idempotency-replayed"].is_object());
    let get = operation(&document, "get", "/api/v1/client/things/{id}");
    assert!(get["responses"]["200"]["headers"]["etag"].is_object());
    assert!(get["responses"]["429"]["headers"]["retry-after"].is_object());
    assert!(get["responses"]["404"]["headers"]["x-request-id"].is_object());
}

#[test]
fn bodies_without_an_example_get_one_and_references_resolve() {
    let document = read();
    let post = operation(&document, "post", "/api/v1/client/things");
    let content = &post["requestBody"]["content"]["application/json"];
    assert_eq!(content["example"]["name"], "spoon");
    assert!(post["responses"]["201"]["content"]["application/json"]["example"]["number"].is_i64());
    let mut unresolved = Vec::new();
    walk(&document, &mut |reference| {
        let pointer = reference.trim_start_matches('#');
        if document.pointer(pointer).is_none() {
            unresolved.push(reference.to_owned());
        }
    });
    assert_eq!(unresolved, Vec::<String>::new());
}

#[test]
fn an_answer_is_documented_by_its_type() {
    let document = read();
    let schemas = &document["components"]["schemas"];
    let list = operation(&document, "get", "/api/v1/client/things");
    let answer = &list["responses"]["200"];
    assert_eq!(answer["description"], "One page, and where the next one starts");
    let schema = &answer["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(schema, "#/components/schemas/ThingPage");
    let items = &schemas["ThingPage"]["properties"]["items"];
    assert_eq!(items["items"]["$ref"], "#/components/schemas/ThingSummary");
    let purpose = &schemas["ThingSummary"]["properties"]["purpose"]["$ref"];
    assert_eq!(purpose, "#/components/schemas/Purpose");
    assert_eq!(schemas["Purpose"]["enum"], serde_json::json!(["EATING", "COOKING"]));
    assert_eq!(schemas["Purpose"]["examples"], serde_json::json!(["EATING"]));
    let names: Vec<_> =
        list["parameters"].as_array().unwrap().iter().map(|p| p["name"].as_str()).collect();
    assert_eq!(names, [Some("purpose"), Some("limit"), Some("cursor")]);

    let post = operation(&document, "post", "/api/v1/client/things");
    assert_eq!(post["requestBody"]["required"], true);
    let created = &post["responses"]["201"];
    assert_eq!(created["description"], "Created: a thing of the drawer");
    for name in ["location", "etag"] {
        let header = format!("#/components/headers/{name}");
        assert_eq!(created["headers"][name]["$ref"], header);
        assert!(document["components"]["headers"][name].is_object());
    }
    let get = operation(&document, "get", "/api/v1/client/things/{id}");
    assert_eq!(get["parameters"][0]["description"], "The id of the thing.");
    let delete = operation(&document, "delete", "/api/v1/admin/things/{id}");
    assert!(delete["responses"]["204"]["content"].is_null());
}

#[test]
fn the_operations_speak_the_grammar_and_no_schema_is_ambiguous() {
    let table = table();
    let verbs = ["check", "count", "log", "measure", "receive", "repair", "send", "sort"];
    assert_eq!(grammar_defects(&document(&table, info()), &verbs), Vec::<String>::new());
    assert!(table.ambiguous_schemas().is_empty());
    let mut other = table.clone();
    let schema = utoipa::schema!(String).into();
    other.schemas.push(("Thing".to_owned(), schema));
    assert_eq!(other.ambiguous_schemas().into_iter().collect::<Vec<_>>(), ["Thing"]);
}

fn walk(value: &Value, check: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                check(reference);
            }
            map.values().for_each(|inner| walk(inner, check));
        }
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, check)),
        _ => {}
    }
}

#[test]
fn the_policy_table_lists_every_route_sorted() {
    let page = policy_table(&table());
    assert_eq!(page.lines().filter(|line| line.contains("| `/")).count(), table().entries().len());
    assert!(page.contains(
        "| POST | `/api/v1/client/things` | client | `things.write` | AAL1 | write | 65536 | yes |  |"
    ));
}
