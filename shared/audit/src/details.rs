//! What may stand in the details of an entry.
//!
//! Callers are expected to pass keys, states and counts only. This is the second line: a field
//! whose name could hold a secret, a person's address or the contents of a preference never reaches
//! the table (docs/product.md, section 5; docs/controls.md, LO-2). An entry cannot be erased
//! afterwards.

use serde_json::{Map, Value};

/// Names whose values are withheld, at any depth, whatever case they are written in.
pub const WITHHELD: &[&str] = &[
    "allergens",
    "display_name",
    "email",
    "exclusions",
    "notes",
    "password",
    "phone",
    "preferences",
    "rules",
    "secret",
    "token",
];

/// The form that is hashed and stored: withheld fields become the number of their items (a list) or
/// `"withheld"`, numbers that are no integers become text (so that no representation of a fraction
/// can change a hash), and anything but an object is wrapped as `{"value": …}`.
#[must_use]
pub fn clean(details: Value) -> Value {
    match details {
        Value::Object(fields) => Value::Object(clean_fields(fields)),
        Value::Null => Value::Object(Map::new()),
        other => Value::Object(Map::from_iter([("value".to_owned(), clean_value(other))])),
    }
}

fn clean_fields(fields: Map<String, Value>) -> Map<String, Value> {
    fields
        .into_iter()
        .map(|(name, value)| {
            let value = if withheld(&name) { count(&value) } else { clean_value(value) };
            (name, value)
        })
        .collect()
}

fn clean_value(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(clean_fields(fields)),
        Value::Array(items) => Value::Array(items.into_iter().map(clean_value).collect()),
        Value::Number(number) if !(number.is_i64() || number.is_u64()) => {
            Value::String(number.to_string())
        }
        other => other,
    }
}

fn withheld(name: &str) -> bool {
    WITHHELD.iter().any(|listed| name.eq_ignore_ascii_case(listed))
}

fn count(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::from(items.len()),
        Value::Object(fields) => Value::from(fields.len()),
        // A caller that follows the rule passes the count under the very same name.
        Value::Number(number) if number.is_u64() => value.clone(),
        Value::Null => Value::Null,
        _ => Value::from("withheld"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn contents_of_preferences_become_counts_at_any_depth() {
        let recorded = json!({
            "profile": {"rules": [{"kind": "ALLERGEN", "ingredient": "peanut"}], "Notes": "secret"},
            "rules": 3,
            "key": "packer",
        });
        let kept =
            json!({"profile": {"rules": 1, "Notes": "withheld"}, "rules": 3, "key": "packer"});
        assert_eq!(clean(recorded), kept);
    }

    #[test]
    fn only_integers_stay_numbers() {
        assert_eq!(clean(json!({"a": 1.5, "b": 7})), json!({"a": "1.5", "b": 7}));
    }

    #[test]
    fn details_are_always_an_object() {
        assert_eq!(clean(Value::Null), json!({}));
        assert_eq!(clean(json!([1])), json!({"value": [1]}));
    }
}
