//! The policy table as a page.

use std::fmt::Write;

use crate::{Access, Assurance, RouteTable};

/// All routes and what they demand, as a Markdown page, sorted by path and method.
#[must_use]
pub fn policy_table(table: &RouteTable) -> String {
    let mut entries: Vec<_> = table.entries().iter().collect();
    entries.sort_by(|a, b| {
        (a.pattern.as_str(), a.method.as_str()).cmp(&(b.pattern.as_str(), b.method.as_str()))
    });
    let mut page = String::from(
        "# Route policies\n\nGenerated from the routes; the guard enforces exactly this.\n\n\
         | Method | Path | Surface | Access | Assurance | Rate class | Body (bytes) | Idempotency-Key | If-Match |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for entry in entries {
        let policy = &entry.policy;
        let access = match policy.access {
            Access::Anonymous => "anonymous".to_owned(),
            Access::Session => "own session".to_owned(),
            Access::Permission(permission) => format!("`{}`", permission.key),
            Access::Signature => "signature".to_owned(),
        };
        let assurance = match (policy.access, policy.assurance) {
            (Access::Anonymous | Access::Signature, _) => "",
            (_, Assurance::Aal1) => "AAL1",
            (_, Assurance::Aal2) => "AAL2",
            (_, Assurance::StepUp) => "AAL2 within 15 min",
        };
        let yes = |flag: bool| if flag { "yes" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| {} | `{}` | {} | {access} | {assurance} | {} | {} | {} | {} |",
            entry.method,
            entry.pattern,
            policy.surface,
            policy.rate.as_str(),
            policy.body_limit_bytes,
            yes(policy.idempotent),
            yes(policy.if_match),
        );
    }
    page
}
