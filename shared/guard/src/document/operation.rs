//! What a policy adds to an operation.

use std::collections::BTreeMap;

use actix_web::http::Method;
use bk_kernel::{Code, Surface};
use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{
        Content, ObjectBuilder, Ref, RefOr, Required, Response, Type,
        extensions::Extensions,
        path::{Operation, ParameterBuilder, ParameterIn},
        security::SecurityRequirement,
    },
};

use super::{ADMIN_SESSION, CLIENT_SESSION, CSRF, SIGNATURE, header_ref};
use crate::{Access, Assurance, Policy, ProblemBody, RateClass, RouteEntry};

/// Adds what the policy implies. `versioned` says that some method of the pattern needs `If-Match`, so
/// that reads of it answer with an `ETag`.
pub(super) fn enrich(operation: &mut Operation, entry: &RouteEntry, versioned: bool) {
    let route = PolicyDetails::of(operation, entry, versioned);
    operation.security = Some(route.security());
    operation.extensions.get_or_insert_default().merge(route.extensions());
    route.add_parameters(operation);
    for (status, codes) in route.errors() {
        add_error(operation, status, &codes);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            route.add_headers(status, response);
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "they do not exclude each other")]
struct PolicyDetails<'e> {
    policy: &'e Policy,
    pattern: &'e str,
    is_unsafe: bool,
    has_body: bool,
    has_input: bool,
    versioned: bool,
}

impl<'e> PolicyDetails<'e> {
    fn of(operation: &Operation, entry: &'e RouteEntry, versioned: bool) -> Self {
        let has_body = operation.request_body.is_some();
        let has_parameters = operation.parameters.as_ref().is_some_and(|list| !list.is_empty());
        Self {
            policy: &entry.policy,
            pattern: &entry.pattern,
            is_unsafe: entry.method != Method::GET,
            has_body,
            has_input: has_body || has_parameters,
            versioned,
        }
    }

    fn has_actor(&self) -> bool {
        matches!(self.policy.access, Access::Session | Access::Permission(_))
    }

    fn security(&self) -> Vec<SecurityRequirement> {
        let scopes: [&str; 0] = [];
        match self.policy.access {
            Access::Anonymous => Vec::new(),
            Access::Signature => vec![SecurityRequirement::new(SIGNATURE, scopes)],
            Access::Session | Access::Permission(_) => {
                let session = if self.policy.surface == Surface::Client {
                    CLIENT_SESSION
                } else {
                    ADMIN_SESSION
                };
                let needed = SecurityRequirement::new(session, scopes);
                vec![if self.is_unsafe { needed.add(CSRF, scopes) } else { needed }]
            }
        }
    }

    fn extensions(&self) -> Extensions {
        let assurance = match self.policy.assurance {
            Assurance::Aal1 => "aal1",
            Assurance::Aal2 => "aal2",
            Assurance::StepUp => "step_up",
        };
        let mut extensions: Vec<(&str, Value)> = vec![
            ("x-surface", json!(self.policy.surface.as_str())),
            ("x-rate-class", json!(self.policy.rate.as_str())),
        ];
        if let Access::Permission(permission) = self.policy.access {
            extensions.push(("x-permission", json!(permission.key)));
        }
        if self.has_actor() {
            extensions.push(("x-assurance", json!(assurance)));
        }
        if self.has_body {
            extensions.push(("x-body-limit-bytes", json!(self.policy.body_limit_bytes)));
        }
        extensions.into_iter().collect()
    }

    fn add_parameters(&self, operation: &mut Operation) {
        let mut add = |name: &str, required, description: &str, example: &str, length: (_, _)| {
            let schema = ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(length.0))
                .max_length(Some(length.1))
                .examples([json!(example)]);
            let parameter = ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(required)
                .description(Some(description))
                .schema(Some(schema))
                .example(Some(json!(example)))
                .build();
            operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
        };
        if self.honours_keys() {
            add(
                "Idempotency-Key",
                Required::False,
                "Visible ASCII. A repetition with the same key gets the first answer, for 24 hours.",
                "0d6f7a52-9f0e-4c53-8a53-5d3f6f7f7b5e",
                (1, 255),
            );
        }
        if self.policy.if_match {
            add("If-Match", Required::True, "The `ETag` that the read returned.", "\"7\"", (3, 22));
        }
    }

    fn honours_keys(&self) -> bool {
        self.policy.idempotent && self.is_unsafe && self.has_actor()
    }

    /// The codes the guard and the shared extractors can answer with, by status.
    fn errors(&self) -> BTreeMap<u16, Vec<Code>> {
        let policy = self.policy;
        let of_browsers = matches!(
            policy.surface,
            Surface::Client | Surface::Admin | Surface::Platform | Surface::Site
        );
        let may_conflict = self.is_unsafe && policy.access != Access::Signature;
        let table = [
            (Code::BodyMalformed, self.has_body || self.honours_keys()),
            (Code::SignatureInvalid, policy.access == Access::Signature),
            (Code::AuthRequired, self.has_actor()),
            (Code::AuthInvalid, self.has_actor() || policy.rate == RateClass::Login),
            (Code::Forbidden, matches!(policy.access, Access::Permission(_))),
            (Code::WrongSurface, self.has_actor()),
            (Code::StepUpRequired, self.has_actor() && policy.assurance != Assurance::Aal1),
            (Code::OriginRejected, of_browsers),
            (Code::CsrfInvalid, self.has_actor() && self.is_unsafe),
            (Code::NotFound, of_browsers || self.pattern.contains('{')),
            (Code::Conflict, may_conflict),
            (Code::StateConflict, may_conflict),
            (Code::IdempotencyInProgress, self.honours_keys()),
            (Code::PreconditionFailed, policy.if_match),
            (Code::PayloadTooLarge, self.has_body),
            (Code::UnsupportedMediaType, self.has_body),
            (Code::InputInvalid, self.has_input),
            (Code::IdempotencyMismatch, self.honours_keys()),
            (Code::RateLimited, policy.rate != RateClass::Free),
            (Code::Internal, true),
            (Code::Unavailable, true),
        ];
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for (code, _) in table.into_iter().filter(|(_, applies)| *applies) {
            by_status.entry(code.status()).or_default().push(code);
        }
        by_status
    }

    fn add_headers(&self, status: &str, response: &mut Response) {
        let success = status.starts_with('2');
        let limited = self.policy.rate != RateClass::Free;
        let wanted = [
            ("x-request-id", true),
            ("ratelimit", limited),
            ("ratelimit-policy", limited),
            ("retry-after", matches!(status, "429" | "503")),
            ("etag", success && self.versioned && (!self.is_unsafe || self.policy.if_match)),
            ("idempotency-replayed", success && self.honours_keys()),
        ];
        for (name, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
            response.headers.entry(name.to_owned()).or_insert_with(|| header_ref(name));
        }
    }
}

/// Adds an error answer with its codes. One that is declared by hand keeps its description and
/// examples.
fn add_error(operation: &mut Operation, status: u16, codes: &[Code]) {
    let declared = operation
        .responses
        .responses
        .entry(status.to_string())
        .or_insert_with(|| RefOr::T(Response::new(titles(codes))));
    let RefOr::T(response) = declared else { return };
    if response.description.is_empty() {
        response.description = titles(codes);
    }
    let content =
        response.content.entry("application/problem+json".to_owned()).or_insert_with(|| {
            RefOr::T(Content::new(Some(Ref::from_schema_name(ProblemBody::name()))))
        });
    let RefOr::T(content) = content else { return };
    for code in codes {
        let example = Ref::new(format!("#/components/examples/{code}"));
        content.examples.entry(code.as_str().to_owned()).or_insert(RefOr::Ref(example));
    }
}

fn titles(codes: &[Code]) -> String {
    let titles: Vec<String> =
        codes.iter().map(|code| format!("`{code}`: {}", code.title())).collect();
    titles.join(". ")
}
