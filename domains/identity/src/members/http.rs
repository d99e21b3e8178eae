//! The routes of members.

use actix_web::{delete, get, put, web::Data};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Path, Policy, Problem,
    RateClass, Routes, Versioned, Word,
};
use bk_kernel::Code;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{DisableMemberError, change_roles};
use crate::{
    Identity,
    http::{
        LAST_OWNER, NOT_HELD,
        fields::{self, RoleKey},
    },
    permissions::{MembersRead, MembersWrite},
    users::{self, ChangeRoles, ChangeRolesError, UserKind, UserStatus},
};

/// Mounts the routes.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_members).mount(get_member).mount(disable_member).mount(update_member_roles);
}

impl From<DisableMemberError> for Problem {
    fn from(error: DisableMemberError) -> Self {
        match error {
            DisableMemberError::NotFound => Self::new(Code::NotFound),
            DisableMemberError::User(error) => error.into(),
            DisableMemberError::Db(error) => error.into(),
        }
    }
}

impl From<ChangeRolesError> for Problem {
    fn from(error: ChangeRolesError) -> Self {
        match error {
            ChangeRolesError::NotFound => Self::new(Code::NotFound),
            ChangeRolesError::Stale => Self::new(Code::PreconditionFailed),
            ChangeRolesError::Disabled => Self::state(UserStatus::Disabled.as_str()),
            ChangeRolesError::UnknownRole(role) => {
                Self::field("/roles", "reference", format!("there is no role {role}"))
            }
            ChangeRolesError::WrongKind => Self::field(
                "/roles",
                "choice",
                "customers hold the role client and no other; staff never hold it",
            ),
            ChangeRolesError::Forbidden => Self::new(Code::Forbidden).detail(NOT_HELD),
            ChangeRolesError::LastOwner => Self::new(Code::LastOwner).detail(LAST_OWNER),
            ChangeRolesError::Db(error) => error.into(),
        }
    }
}

/// Staff or customer.
type UserKindWord = Word<UserKind>;

/// Invited, active or disabled.
type UserStatusWord = Word<UserStatus>;

/// A member of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    /// The id of the user.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// The user's e-mail address, normalised.
    #[schema(example = "kim@greenfork.test")]
    email: String,
    /// The name shown to people.
    #[schema(example = "Kim Carver")]
    display_name: String,
    /// Staff or customer.
    kind: UserKindWord,
    /// Invited, active or disabled.
    status: UserStatusWord,
    /// Keys of the roles held, sorted.
    #[schema(example = json!(["kitchen"]))]
    roles: Vec<String>,
    /// When the user was invited.
    #[schema(example = "2026-11-20T01:30:00Z")]
    created_at: DateTime<Utc>,
    /// When the user last logged in.
    #[schema(example = "2026-11-22T01:30:00Z")]
    last_login_at: Option<DateTime<Utc>>,
}

impl From<users::Member> for Member {
    fn from(member: users::Member) -> Self {
        Self {
            id: member.user.id.uuid(),
            email: member.user.email,
            display_name: member.user.display_name,
            kind: member.user.kind.into(),
            status: member.user.status.into(),
            roles: member.roles,
            created_at: member.created_at,
            last_login_at: member.last_login_at,
        }
    }
}

/// A member with the version that `If-Match` repeats.
fn versioned(member: users::Member) -> Versioned<Member> {
    Versioned { etag: ETag(member.user.version), body: member.into() }
}

/// Which members to list.
#[derive(Debug, Clone, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MemberFilter {
    /// Staff (the default) or customers.
    #[param(inline, example = "STAFF")]
    kind: Option<UserKindWord>,
}

/// The roles of a member.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"roles": ["kitchen", "driver"]}))]
pub(crate) struct MemberRolesForm {
    /// Keys of all the roles that the member will hold.
    #[validate(custom(function = "fields::roles"))]
    #[schema(min_items = 1, max_items = 20)]
    roles: Vec<RoleKey>,
}

/// List members
///
/// Staff with their roles, or customers with `kind=CLIENT`, in the order in which they were invited.
#[utoipa::path(tag = "members", params(ListQuery<MemberFilter>), responses(Page<Member>))]
#[get("/admin/members")]
pub(crate) async fn list_members(
    who: Allowed<MembersRead>,
    identity: Data<Identity>,
    query: ListQuery<MemberFilter>,
) -> Result<Page<Member>, Problem> {
    let (limit, cursor) = query.page();
    let kind = query.filter.kind.map_or(UserKind::Staff, |Word(kind)| kind);
    let page = super::list_members(&who, &identity, kind, limit, cursor).await?;
    Ok(page.map(Member::from).into())
}

impl Guarded for list_members {
    const POLICY: Policy = Policy::admin::<MembersRead>();
}

/// Get a member
///
/// The answer has an `ETag`, for changing the roles.
#[utoipa::path(tag = "members", responses(Versioned<Member>))]
#[get("/admin/members/{id}")]
pub(crate) async fn get_member(
    who: Allowed<MembersRead>,
    identity: Data<Identity>,
    id: Path<Uuid>,
) -> Result<Versioned<Member>, Problem> {
    let member = super::get_member(&who, &identity, id.0.into()).await?;
    member.map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_member {
    const POLICY: Policy = Policy::admin::<MembersRead>();
}

/// Disable a member
///
/// The member is logged out everywhere at once and cannot log in again. The last owner stays
/// (`LAST_OWNER`), and nobody disables a member who holds more than they do themselves.
#[utoipa::path(tag = "members", responses(NoContent))]
#[delete("/admin/members/{id}")]
pub(crate) async fn disable_member(
    who: Allowed<MembersWrite>,
    identity: Data<Identity>,
    id: Path<Uuid>,
) -> Result<NoContent, Problem> {
    super::disable_member(&who, &identity, id.0.into()).await?;
    Ok(NoContent)
}

impl Guarded for disable_member {
    const POLICY: Policy = Policy::admin::<MembersWrite>().rate(RateClass::Write);
}

/// Update the roles of a member
///
/// Replaces them; running sessions have the new ones at once. The caller must hold whatever the old
/// and the new roles permit, and the last owner stays one (`LAST_OWNER`).
#[utoipa::path(
    tag = "members",
    request_body = MemberRolesForm,
    responses(Versioned<Member>),
)]
#[put("/admin/members/{id}/roles")]
pub(crate) async fn update_member_roles(
    who: Allowed<MembersWrite>,
    identity: Data<Identity>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<MemberRolesForm>,
) -> Result<Versioned<Member>, Problem> {
    let (IfMatch(ETag(version)), Json(form)) = (version, body);
    let change = ChangeRoles { id: id.0.into(), roles: fields::keys(form.roles), version };
    Ok(versioned(change_roles(&who, &identity, change).await?))
}

impl Guarded for update_member_roles {
    const POLICY: Policy = Policy::admin::<MembersWrite>().updates();
}
