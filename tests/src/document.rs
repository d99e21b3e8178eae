//! The OpenAPI document and the policies behind it, operation by operation.

use bk_api::{openapi_json, route_table, seed};
use bk_guard::Policy;
use bk_kernel::{Environment, Surface};
use bk_testing::Call;
use serde_json::Value;

/// A week of the demo data.
pub const A_WEEK: &str = "2026-W48";

/// An id that no row has: refused callers never get as far as looking for it.
const AN_UNKNOWN_ID: &str = "019ab0c2-7d1e-7f00-8000-0000000000ff";

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

    /// A well-formed call from the front end of the operation's surface: ids that nothing has, the
    /// document's own example as the body.
    #[must_use]
    pub fn call(&self) -> Call {
        let mut path = self.path.clone();
        for name in self.path_parameters() {
            let value = if name == "week" { A_WEEK } else { AN_UNKNOWN_ID };
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let client = self.policy.surface == Surface::Client;
        let origin = if client { seed::CLIENT_ORIGIN } else { seed::ADMIN_ORIGIN };
        self.call_at(path).from_origin(origin)
    }

    /// The same to a path whose parameters are filled in.
    #[must_use]
    pub fn call_at(&self, path: String) -> Call {
        let mut call = Call::new(&self.method, path);
        if let Some((kind, text)) = self.example_body() {
            call = call.body(&kind, text);
        }
        if self.policy.if_match { call.if_match("\"1\"") } else { call }
    }

    /// The status of a success, as the document has it.
    #[must_use]
    pub fn success(&self) -> u16 {
        let statuses = self.spec["responses"].as_object().into_iter().flatten();
        let mut statuses = statuses.filter_map(|(status, _)| status.parse::<u16>().ok());
        statuses.find(|status| (200..400).contains(status)).unwrap()
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
