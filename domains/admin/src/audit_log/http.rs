//! `/admin/audit`.

use actix_web::{get, web};
use bk_audit::{Filter, Recorded};
use bk_guard::{Allowed, Guarded, ListQuery, Page, Policy, Problem, Routes};
use bk_kernel::{self as kernel, RequestId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{Admin, permissions::AuditRead, text::plain};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_audit_entries);
}

/// List the audit log of the caller's tenant
///
/// Newest first.
#[utoipa::path(tag = "audit", params(ListQuery<AuditFilter>), responses(Page<AuditEntry>))]
#[get("/admin/audit")]
pub(crate) async fn list_audit_entries(
    who: Allowed<AuditRead>,
    query: ListQuery<AuditFilter>,
    admin: web::Data<Admin>,
) -> Result<Page<AuditEntry>, Problem> {
    let page = query.page();
    let AuditFilter { action, actor } = query.filter;
    let input = (who.clone(), Filter { action, actor: actor.map(UserId::from) }, page);
    let page = admin.db().read(&who, input, async |tx, (who, filter, (limit, cursor))| {
        super::list_audit_entries::list_audit_entries(&who, &tx, filter, limit, cursor).await
    });
    let page: kernel::Page<Recorded> = page.await?;
    Ok(page.map(AuditEntry::from).into())
}

impl Guarded for list_audit_entries {
    const POLICY: Policy = Policy::admin::<AuditRead>();
}

/// Which entries to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditFilter {
    /// Entries of this action only.
    #[validate(
        length(min = 1, max = 64, message = "at most 64 characters"),
        custom(function = "plain")
    )]
    #[param(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
        example = "role.created"
    )]
    action: Option<String>,
    /// Entries of this person only.
    actor: Option<Uuid>,
}

/// An administrative change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// The place of the entry in the log, from 1, without gaps.
    #[schema(example = 17)]
    seq: i64,
    #[schema(example = "2026-11-27T02:00:00Z")]
    at: DateTime<Utc>,
    /// The person; null when the system acted. An operator is not among the tenant's people.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    actor_id: Option<Uuid>,
    /// `client`, `staff`, `operator` or `system`.
    #[schema(example = "staff")]
    actor_kind: String,
    #[schema(example = "role.created")]
    action: String,
    #[schema(example = "role")]
    subject_type: String,
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    subject_id: String,
    /// The request that caused it, as in `x-request-id`.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000003")]
    request_id: Option<Uuid>,
    /// Keys, states and counts; never secrets or contents of preferences.
    #[schema(value_type = Object, example = json!({"key": "night_packer"}))]
    details: serde_json::Value,
    /// SHA-256 of the entry and, through it, of all before it, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    hash: String,
}

impl From<Recorded> for AuditEntry {
    fn from(entry: Recorded) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            actor_id: entry.actor_id.map(UserId::uuid),
            actor_kind: entry.actor_kind,
            action: entry.action,
            subject_type: entry.subject_type,
            subject_id: entry.subject_id,
            request_id: entry.request_id.map(RequestId::uuid),
            details: entry.details,
            hash: entry.hash.to_string(),
        }
    }
}
