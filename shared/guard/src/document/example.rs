//! Examples made from schemas, for bodies and answers that were given none by hand. They obey the
//! limits the schema states; a schema's own example always wins.

use serde_json::{Map, Value, json};
use utoipa::openapi::{Content, RefOr, path::Operation};

/// How deeply schemas may nest; one that nests deeper refers to itself.
const SCHEMA_DEPTH_MAX: usize = 16;

/// Gives the request body and every answer of an operation an example.
pub(super) fn fill(operation: &mut Operation, schemas: &Value) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            fill_content(content, schemas);
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            for content in response.content.values_mut() {
                fill_content(content, schemas);
            }
        }
    }
}

fn fill_content(content: &mut RefOr<Content>, schemas: &Value) {
    let RefOr::T(content) = content else { return };
    if content.example.is_some() || !content.examples.is_empty() {
        return;
    }
    let Some(schema) = &content.schema else { return };
    let schema = serde_json::to_value(schema).unwrap_or_default();
    content.example = Some(example_of(&schema, schemas, 0));
}

/// A value the schema accepts.
fn example_of(schema: &Value, schemas: &Value, depth: usize) -> Value {
    if depth > SCHEMA_DEPTH_MAX {
        return Value::Null;
    }
    if let Some(stated) = stated_example(schema) {
        return stated.clone();
    }
    let inner = |schema: &Value| example_of(schema, schemas, depth + 1);
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return schemas.get(name).map_or(Value::Null, inner);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        return parts.iter().map(inner).fold(Value::Null, merge);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(variants) = schema.get(choice).and_then(Value::as_array) {
            let variant = variants.iter().find(|variant| !is_null(variant)).map(inner);
            return merge(example_of_type(schema, &inner), variant.unwrap_or_default());
        }
    }
    example_of_type(schema, &inner)
}

fn stated_example(schema: &Value) -> Option<&Value> {
    let first = |name: &str| schema.get(name).and_then(Value::as_array).and_then(|v| v.first());
    schema
        .get("example")
        .or_else(|| first("examples"))
        .or_else(|| schema.get("const"))
        .or_else(|| first("enum"))
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn merge(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            left.extend(right);
            Value::Object(left)
        }
        (left, Value::Null) => left,
        (_, right) => right,
    }
}

fn example_of_type(schema: &Value, inner: &dyn Fn(&Value) -> Value) -> Value {
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        // `["string", "null"]`
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null"),
        _ => None,
    };
    match kind {
        Some("object") => object(schema, inner),
        Some("array") => array(schema, inner),
        Some("string") => string(schema),
        Some("integer" | "number") => {
            schema.get("minimum").or_else(|| schema.get("maximum")).cloned().unwrap_or(json!(1))
        }
        Some("boolean") => json!(true),
        _ if schema.get("properties").is_some() => object(schema, inner),
        _ => Value::Null,
    }
}

fn object(schema: &Value, inner: &dyn Fn(&Value) -> Value) -> Value {
    let mut object: Map<String, Value> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.clone(), inner(property)))
        .collect();
    if object.is_empty()
        && let Some(values @ Value::Object(_)) = schema.get("additionalProperties")
    {
        object.insert("name".to_owned(), inner(values));
    }
    Value::Object(object)
}

fn array(schema: &Value, inner: &dyn Fn(&Value) -> Value) -> Value {
    if let Some(parts) = schema.get("prefixItems").and_then(Value::as_array) {
        return parts.iter().map(inner).collect();
    }
    let Some(item @ Value::Object(_)) = schema.get("items") else { return json!([]) };
    let number = |name: &str| schema.get(name).and_then(Value::as_u64);
    let wanted = number("minItems").unwrap_or(1).max(1).min(number("maxItems").unwrap_or(u64::MAX));
    (0..wanted).map(|_| inner(item)).collect()
}

fn string(schema: &Value) -> Value {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => return json!("019ab0c2-7d1e-7f00-8000-000000000000"),
        Some("date-time") => return json!("2026-11-27T02:00:00Z"),
        Some("date") => return json!("2026-11-27"),
        Some("time") => return json!("12:00:00"),
        Some("email") => return json!("someone@example.com"),
        Some("uri" | "url") => return json!("https://example.com/"),
        Some("decimal") => return json!("1.5"),
        _ => {}
    }
    let length = |name: &str| {
        schema.get(name).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok())
    };
    let mut text = "text".to_owned();
    while text.len() < length("minLength").unwrap_or(0) {
        text.push('x');
    }
    text.truncate(length("maxLength").unwrap_or(usize::MAX));
    Value::String(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_follows_references_and_limits_and_prefers_what_is_given() {
        let schemas = json!({
            "Line": {"type": "object", "properties": {
                "dish_id": {"type": "string", "format": "uuid"},
                "quantity": {"type": "integer", "minimum": 2},
                "note": {"type": ["string", "null"], "maxLength": 2},
            }},
            "Loop": {"type": "object", "properties": {"again": {"$ref": "#/components/schemas/Loop"}}},
        });
        let order = json!({"type": "object", "properties": {
            "lines": {"type": "array", "minItems": 2, "items": {"$ref": "#/components/schemas/Line"}},
            "week": {"type": "string", "example": "2026-W48"},
            "state": {"oneOf": [{"type": "null"}, {"type": "string", "enum": ["DRAFT", "LOCKED"]}]},
        }});
        let made = example_of(&order, &schemas, 0);
        assert_eq!(made["lines"].as_array().unwrap().len(), 2);
        assert_eq!(made["lines"][1]["quantity"], 2);
        assert_eq!(made["lines"][0]["note"], "te");
        assert_eq!(made["week"], "2026-W48");
        assert_eq!(made["state"], "DRAFT");
        // A schema that contains itself ends.
        example_of(&json!({"$ref": "#/components/schemas/Loop"}), &schemas, 0);
    }
}
