//! The routes of members.

use actix_web::{HttpResponse, delete, get, put, web};
use bk_guard::{
    Allowed, Caller, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query,
    RateClass, Routes, Versioned,
};
use bk_kernel::Code;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    By, ChangeRoles, ChangeRolesError, DisableError, change_roles, disable_member, list_members,
    read_member,
};
use crate::{
    Identity,
    http_fields::{self as fields, RoleKey},
    permissions::{MembersRead, MembersWrite},
    users::{Member, UserKind, UserStatus},
};

/// Mounts the routes.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_all_members)
        .mount(get_member)
        .mount(disable_one_member)
        .mount(put_member_roles);
}

impl By {
    /// The caller of a request.
    pub(crate) fn of(caller: &Caller) -> Self {
        Self { actor: caller.actor.clone(), at: caller.now(), request_id: caller.ctx.request_id }
    }
}

const LAST_OWNER: &str = "Make somebody else an owner first.";
const NOT_HELD: &str = "These roles permit more than you hold yourself.";

impl From<DisableError> for Problem {
    fn from(error: DisableError) -> Self {
        match error {
            DisableError::NotFound => Self::new(Code::NotFound),
            DisableError::AlreadyAccepted => Self::state("ACCEPTED"),
            DisableError::Forbidden => Self::new(Code::Forbidden).detail(NOT_HELD),
            DisableError::LastOwner => Self::new(Code::LastOwner).detail(LAST_OWNER),
            DisableError::Db(error) => error.into(),
        }
    }
}

impl From<ChangeRolesError> for Problem {
    fn from(error: ChangeRolesError) -> Self {
        match error {
            ChangeRolesError::NotFound => Self::new(Code::NotFound),
            ChangeRolesError::Stale => Self::new(Code::PreconditionFailed),
            ChangeRolesError::Disabled => Self::state("DISABLED"),
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

/// Staff or customers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = MemberKind, example = "STAFF")]
pub(crate) enum KindDto {
    /// Customers.
    Client,
    /// The tenant's staff.
    Staff,
}

impl From<KindDto> for UserKind {
    fn from(kind: KindDto) -> Self {
        match kind {
            KindDto::Client => Self::Client,
            KindDto::Staff => Self::Staff,
        }
    }
}

impl From<UserKind> for KindDto {
    fn from(kind: UserKind) -> Self {
        match kind {
            UserKind::Client => Self::Client,
            UserKind::Staff => Self::Staff,
        }
    }
}

/// Where a member is in their life with the kitchen.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = MemberStatus, example = "ACTIVE")]
pub(crate) enum StatusDto {
    /// Has not accepted their invitation.
    Invited,
    /// May log in.
    Active,
    /// May not.
    Disabled,
}

impl From<UserStatus> for StatusDto {
    fn from(status: UserStatus) -> Self {
        match status {
            UserStatus::Invited => Self::Invited,
            UserStatus::Active => Self::Active,
            UserStatus::Disabled => Self::Disabled,
        }
    }
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberDto {
    /// The person.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// Their address, normalised.
    #[schema(example = "kim@greenfork.test")]
    email: String,
    /// What to call them.
    #[schema(example = "Kim Carver")]
    display_name: String,
    /// Staff or customer.
    kind: KindDto,
    /// Invited, active or disabled.
    status: StatusDto,
    /// Keys of the roles held, sorted.
    #[schema(example = json!(["kitchen"]))]
    roles: Vec<String>,
    /// When they were invited.
    #[schema(example = "2026-11-20T01:30:00Z")]
    created_at: DateTime<Utc>,
    /// When they last logged in.
    #[schema(example = "2026-11-22T01:30:00Z")]
    last_login_at: Option<DateTime<Utc>>,
}

impl From<Member> for MemberDto {
    fn from(member: Member) -> Self {
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
fn versioned(member: Member) -> Versioned<MemberDto> {
    Versioned { etag: ETag(member.user.version), body: member.into() }
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberPage)]
pub(crate) struct MemberPageDto {
    /// The members, in the order in which they were invited.
    items: Vec<MemberDto>,
    /// Where the next page starts, or null at the end.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// Which members.
#[derive(Debug, Clone, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MembersQuery {
    /// Staff (the default) or customers.
    #[param(inline, example = "STAFF")]
    kind: Option<KindDto>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
}

/// All the roles a member will hold.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberRoles, example = json!({"roles": ["kitchen", "driver"]}))]
pub(crate) struct RolesBody {
    /// Keys of the roles.
    #[validate(custom(function = "fields::roles"))]
    #[schema(min_items = 1, max_items = 20)]
    roles: Vec<RoleKey>,
}

/// Members.
///
/// Staff with their roles, or customers with `kind=CLIENT`, in the order in which they were invited.
#[utoipa::path(tag = "members", params(MembersQuery), responses((status = 200, description = "A page of members", body = MemberPageDto)))]
#[get("/admin/members")]
pub(crate) async fn list_all_members(
    who: Allowed<MembersRead>,
    identity: web::Data<Identity>,
    query: Query<MembersQuery>,
) -> Result<Json<MemberPageDto>, Problem> {
    let MembersQuery { kind, limit, cursor } = query.0;
    let (limit, after) = PageQuery { limit, cursor }.page()?;
    let kind = kind.map_or(UserKind::Staff, UserKind::from);
    let tenant = who.caller.tenant_id();
    let page = list_members(&identity, who.permit, tenant, kind, limit, after).await?;
    let page = page.map(MemberDto::from);
    Ok(Json(MemberPageDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_all_members {
    const POLICY: Policy = Policy::admin::<MembersRead>();
}

/// One member.
///
/// With an `ETag` for changing their roles.
#[utoipa::path(
    tag = "members",
    params(("id" = Uuid, Path, description = "The member", example = "019ab0c2-7d1e-7f00-8000-000000000001")),
    responses((status = 200, description = "The member", body = MemberDto)),
)]
#[get("/admin/members/{id}")]
pub(crate) async fn get_member(
    who: Allowed<MembersRead>,
    identity: web::Data<Identity>,
    id: Path<Uuid>,
) -> Result<Versioned<MemberDto>, Problem> {
    let member = read_member(&identity, who.permit, who.caller.tenant_id(), id.0.into()).await?;
    member.map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_member {
    const POLICY: Policy = Policy::admin::<MembersRead>();
}

/// Disable a member.
///
/// They are logged out everywhere at once and cannot log in again. The last owner stays
/// (`LAST_OWNER`), and nobody disables somebody who holds more than they do themselves.
#[utoipa::path(
    tag = "members",
    params(("id" = Uuid, Path, description = "The member", example = "019ab0c2-7d1e-7f00-8000-000000000001")),
    responses((status = 204, description = "Disabled")),
)]
#[delete("/admin/members/{id}")]
pub(crate) async fn disable_one_member(
    who: Allowed<MembersWrite>,
    identity: web::Data<Identity>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    disable_member(&identity, who.permit, By::of(&who.caller), id.0.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for disable_one_member {
    const POLICY: Policy = Policy::admin::<MembersWrite>().rate(RateClass::Write);
}

/// Change a member's roles.
///
/// Replaces them; running sessions have the new ones at once. The caller must hold whatever the old
/// and the new roles permit, and the last owner stays one (`LAST_OWNER`).
#[utoipa::path(
    tag = "members",
    params(("id" = Uuid, Path, description = "The member", example = "019ab0c2-7d1e-7f00-8000-000000000001")),
    responses((status = 200, description = "The member", body = MemberDto)),
)]
#[put("/admin/members/{id}/roles")]
pub(crate) async fn put_member_roles(
    who: Allowed<MembersWrite>,
    identity: web::Data<Identity>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<RolesBody>,
) -> Result<Versioned<MemberDto>, Problem> {
    let IfMatch(ETag(version)) = version;
    let Json(body) = body;
    let change = ChangeRoles { id: id.0.into(), roles: fields::keys(body.roles), version };
    let member = change_roles(&identity, who.permit, By::of(&who.caller), change).await?;
    Ok(versioned(member))
}

impl Guarded for put_member_roles {
    const POLICY: Policy = Policy::admin::<MembersWrite>().updates();
}
