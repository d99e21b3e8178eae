//! `/admin/audit`.

use actix_web::{get, web};
use bk_audit::{Filter, Recorded};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Policy, Problem, Query, Routes};
use bk_kernel::{RequestId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::read_audit::read_audit;
use crate::{Admin, acting::Acting, permissions::AuditRead, text::plain};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_audit_entries);
}

/// The audit log of the caller's kitchen, newest first.
#[utoipa::path(tag = "audit", params(AuditQuery), responses((status = 200, description = "A page of entries", body = AuditListDto)))]
#[get("/admin/audit")]
pub(crate) async fn list_audit_entries(
    who: Allowed<AuditRead>,
    query: Query<AuditQuery>,
    admin: web::Data<Admin>,
) -> Result<Json<AuditListDto>, Problem> {
    let AuditQuery { limit, cursor, action, actor } = query.0;
    let (limit, after) = PageQuery { limit, cursor }.page()?;
    let filter = Filter { action, actor: actor.map(UserId::from) };
    let by = Acting::from(&who.caller);
    let page = read_audit(&admin, who.permit, &by, filter, limit, after).await?;
    let page = page.map(AuditEntryDto::from);
    Ok(Json(AuditListDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_audit_entries {
    const POLICY: Policy = Policy::admin::<AuditRead>();
}

/// Which entries.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
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

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditList)]
pub(crate) struct AuditListDto {
    items: Vec<AuditEntryDto>,
    #[schema(example = "00000000000000000000000000000011")]
    next_cursor: Option<String>,
}

/// An administrative change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryDto {
    /// Its place in the log, from 1, without gaps.
    #[schema(example = 17)]
    seq: i64,
    #[schema(example = "2026-11-27T02:00:00Z")]
    at: DateTime<Utc>,
    /// The person; null when the system acted. An operator is not among the kitchen's people.
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

impl From<Recorded> for AuditEntryDto {
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
