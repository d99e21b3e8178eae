//! The OpenAPI document and the policies behind it, operation by operation.

use bk_api::{openapi_json, route_table};
use bk_guard::Policy;
use bk_kernel::Environment;
use serde_json::Value;

/// One operation of the document with the policy that the guard enforces for it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Upper case.
    pub method: String,
    /// `/api/v1/admin/dishes/{id}`.
    pub path: String,
    /// As the document has it.
    pub spec: Value,
    /// As the guard has it.
    pub policy: Policy,
}

/// The document as it is generated.
#[must_use]
pub fn document() -> Value {
    serde_json::from_str(&openapi_json().unwrap()).unwrap()
}

/// Every operation of the document. One without a policy, or a documented route without an
/// operation, fails the test.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let document = document();
    let table = route_table(Environment::Production);
    let policy = |method: &str, path: &str| {
        let found =
            table.entries().iter().find(|e| e.method.as_str() == method && e.pattern == path);
        found.unwrap_or_else(|| panic!("{method} {path} has no policy")).policy
    };
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, spec) in item.as_object().unwrap() {
            if !["get", "put", "post", "patch", "delete"].contains(&method.as_str()) {
                continue;
            }
            let method = method.to_uppercase();
            let policy = policy(&method, path);
            all.push(Operation { method, path: path.clone(), spec: spec.clone(), policy });
        }
    }
    let documented = table.entries().iter().filter(|entry| entry.policy.documented).count();
    assert_eq!(all.len(), documented, "the document and the route table name the same routes");
    all
}

impl Operation {
    /// `GET /api/v1/…`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The names in braces, in order.
    #[must_use]
    pub fn path_parameters(&self) -> Vec<String> {
        let parts =
            self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        parts.map(str::to_owned).collect()
    }

    /// Content type and example of the request body.
    #[must_use]
    pub fn example_body(&self) -> Option<(String, String)> {
        let content = self.spec["requestBody"]["content"].as_object()?;
        let (kind, media) = content.iter().next()?;
        let example = media
            .get("example")
            .or_else(|| media.get("examples")?.as_object()?.values().next()?.get("value"));
        let text = match example {
            Some(Value::String(text)) if kind != "application/json" => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Some((kind.clone(), text))
    }
}
