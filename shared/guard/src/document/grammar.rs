//! The grammar of published names: operation ids, summaries, schema names. Checked by a gate over the
//! whole document, so that clients read one language.
//!
//! - An operation id is a verb and its object: `list_dishes`, `get_dish`, `create_dish`, `update_dish`,
//!   `delete_dish`, or a verb of the business: `confirm_order`.
//! - `list_` is a `GET` of a page and every page is listed; `get_` is another `GET`; `create_` a `POST`
//!   that answers 201; `update_` a `PUT` or `PATCH`; `delete_` a `DELETE`.
//! - A summary is an imperative sentence without a full stop that begins with the same verb.
//! - Every operation documents a success. A 201 declares `Location` and `ETag`; no schema is named after its Rust type.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::OpenApi;

/// What in the document violates the grammar, in sentences that name the operation or the schema.
/// `business_verbs` are the verbs besides `list`, `get`, `create`, `update` and `delete` that operation
/// ids begin with.
#[must_use]
pub fn grammar_defects(document: &OpenApi, business_verbs: &[&str]) -> Vec<String> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut defects = Vec::new();
    let mut ids: BTreeMap<&str, u32> = BTreeMap::new();
    for (path, item) in entries(document.get("paths")) {
        for (method, operation) in entries(Some(item)).filter(|(_, o)| o.get("responses").is_some())
        {
            let id = text(operation, "operationId");
            *ids.entry(id).or_default() += 1;
            let found = Operation { method, id, value: operation };
            let of_operation = found.defects(business_verbs);
            defects.extend(of_operation.map(|defect| format!("{method} {path}: {defect}")));
        }
    }
    let twice = ids.into_iter().filter(|(_, times)| *times > 1);
    defects.extend(twice.map(|(id, _)| format!("more than one operation is called `{id}`")));
    let names = entries(document.pointer("/components/schemas")).map(|(name, _)| name);
    let dtos = names.filter(|name| name.ends_with("Dto"));
    defects.extend(dtos.map(|name| format!("the schema `{name}` is named after its Rust type")));
    defects
}

fn entries(object: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    object
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

fn text<'d>(object: &'d Value, name: &str) -> &'d str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

struct Operation<'d> {
    method: &'d str,
    id: &'d str,
    value: &'d Value,
}

impl<'d> Operation<'d> {
    fn defects(&self, business_verbs: &[&str]) -> impl Iterator<Item = String> + use<> {
        let found = [
            self.defect_of_id(business_verbs),
            self.defect_of_verb(),
            self.defect_of_summary(),
            self.defect_of_success(),
            self.defect_of_created(),
        ];
        found.into_iter().flatten()
    }

    fn verb(&self) -> &'d str {
        self.id.split('_').next().unwrap_or_default()
    }

    fn defect_of_id(&self, business_verbs: &[&str]) -> Option<String> {
        let id = self.id;
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if !id.contains('_') || !id.split('_').all(is_word) {
            return Some(format!("`{id}` is not a verb and its object in snake_case"));
        }
        let verb = self.verb();
        let known = ["list", "get", "create", "update", "delete"].contains(&verb)
            || business_verbs.contains(&verb);
        (!known).then(|| format!("`{id}` does not begin with a verb"))
    }

    fn defect_of_verb(&self) -> Option<String> {
        let fits = match (self.method, self.verb()) {
            ("get", "list") => self.answers_with_page(),
            ("get", _) if self.answers_with_page() => false,
            ("get", "get") | ("put" | "patch", "update") | ("delete", "delete") => true,
            ("post", "create") => self.answer("201").is_some(),
            (_, "list" | "get" | "create" | "update" | "delete") => false,
            _ => true,
        };
        (!fits).then(|| {
            format!("`{}` does not say what a {} with this answer does", self.id, self.method)
        })
    }

    fn defect_of_summary(&self) -> Option<String> {
        let summary = text(self.value, "summary");
        let mut letters = self.verb().chars();
        let verb: String =
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let begins = summary.split(' ').next() == Some(&verb);
        if begins && summary.contains(' ') && !summary.ends_with('.') && !summary.contains('\n') {
            return None;
        }
        Some(format!(
            "the summary \"{summary}\" is not an imperative sentence without a full stop that begins \
             with \"{verb}\""
        ))
    }

    fn defect_of_success(&self) -> Option<String> {
        let responses = entries(self.value.get("responses"));
        let mut successes = responses.filter(|(status, _)| status.starts_with('2'));
        successes.next().is_none().then(|| "it documents no success".to_owned())
    }

    fn defect_of_created(&self) -> Option<String> {
        let headers = self.answer("201")?.get("headers");
        let declares = |name| headers.is_some_and(|headers| headers.get(name).is_some());
        let complete = declares("location") && declares("etag");
        (!complete).then(|| "its 201 declares no Location or no ETag".to_owned())
    }

    fn answer(&self, status: &str) -> Option<&'d Value> {
        self.value.get("responses")?.get(status)
    }

    fn answers_with_page(&self) -> bool {
        let schema = self
            .answer("200")
            .and_then(|answer| answer.pointer("/content/application~1json/schema/$ref")?.as_str());
        schema.is_some_and(|schema| schema.ends_with("Page"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(method: &str, id: &str, summary: &str, responses: &Value) -> OpenApi {
        serde_json::from_value(json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/dishes": {method: {
                "operationId": id, "summary": summary, "responses": responses,
            }}},
        }))
        .unwrap()
    }

    fn page() -> Value {
        json!({"200": {"description": "", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/DishPage"}}}}})
    }

    fn plain(status: &str) -> Value {
        json!({status: {"description": ""}})
    }

    fn created() -> Value {
        let header = json!({"schema": {"type": "string"}});
        json!({"201": {"description": "", "headers": {"location": header, "etag": header}}})
    }

    #[test]
    fn the_grammar_is_spoken_by_these() {
        let cases = [
            ("get", "list_dishes", "List dishes", page()),
            ("get", "get_dish", "Get a dish", plain("200")),
            ("get", "export_dishes", "Export all dishes", plain("200")),
            ("post", "create_dish", "Create a dish", created()),
            ("post", "confirm_order", "Confirm an order", plain("200")),
            ("put", "update_dish", "Update a dish", plain("200")),
            ("delete", "delete_role", "Delete a role", plain("204")),
            ("delete", "retire_dish", "Retire a dish", plain("204")),
        ];
        for (method, id, summary, responses) in cases {
            let document = document(method, id, summary, &responses);
            let defects = grammar_defects(&document, &["confirm", "export", "retire"]);
            assert_eq!(defects, Vec::<String>::new(), "{id}");
        }
    }

    #[test]
    fn every_breach_is_named() {
        let cases = [
            ("get", "dishes", "Dishes", page(), "is not a verb and its object"),
            ("get", "listDishes_", "List dishes", page(), "is not a verb and its object"),
            ("get", "dish_list", "Dish list", plain("200"), "does not begin with a verb"),
            ("get", "list_dishes", "List dishes", plain("200"), "does not say what a get"),
            ("get", "get_dishes", "Get dishes", page(), "does not say what a get"),
            ("get", "export_dishes", "Export dishes", page(), "does not say what a get"),
            ("post", "get_dish", "Get a dish", plain("200"), "does not say what a post"),
            ("post", "create_dish", "Create a dish", plain("200"), "does not say what a post"),
            ("put", "delete_dish", "Delete a dish", plain("200"), "does not say what a put"),
            ("get", "get_dish", "Get a dish.", plain("200"), "is not an imperative sentence"),
            ("get", "get_dish", "Read a dish", plain("200"), "is not an imperative sentence"),
            ("get", "get_dish", "Get", plain("200"), "is not an imperative sentence"),
            ("post", "create_dish", "Create a dish", plain("201"), "declares no Location"),
            ("get", "get_dish", "Get a dish", plain("404"), "documents no success"),
        ];
        for (method, id, summary, responses, expected) in cases {
            let defects = grammar_defects(&document(method, id, summary, &responses), &["export"]);
            let [defect, ..] = defects.as_slice() else { panic!("{id} passes") };
            assert!(defect.starts_with(&format!("{method} /dishes: ")), "{defect}");
            assert!(defects.iter().any(|defect| defect.contains(expected)), "{defects:?}");
        }
    }

    #[test]
    fn names_are_unique_and_no_schema_is_a_dto() {
        let mut document = document("get", "get_dish", "Get a dish", &plain("200"));
        let again = document.paths.paths["/dishes"].clone();
        document.paths.paths.insert("/meals".to_owned(), again);
        let mut components = utoipa::openapi::Components::new();
        components.schemas.insert("DishDto".to_owned(), utoipa::schema!(String).into());
        document.components = Some(components);
        let expected = [
            "more than one operation is called `get_dish`",
            "the schema `DishDto` is named after its Rust type",
        ];
        assert_eq!(grammar_defects(&document, &[]), expected);
    }
}
