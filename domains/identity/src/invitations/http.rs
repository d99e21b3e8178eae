//! The routes of invitations: accepting, before anybody has logged in; and what staff do with them.

use actix_web::{HttpResponse, delete, get, post, web};
use bk_contracts::identity::InviteError;
use bk_guard::{
    Allowed, Ctx, Guarded, Json, Origins, PageQuery, Path, Policy, Problem, Query, Routes,
};
use bk_kernel::{Code, Page, Surface};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    Accept, AcceptError, Accepted, InviteMember, InviteMemberError, OpenInvitation, ResendError,
    accept, invite_member, list_open, resend_invitation,
};
use crate::{
    Identity,
    http_fields::{self as fields, RoleKey, Secret},
    members::{By, withdraw_invitation},
    permissions::{MembersRead, MembersWrite},
    sessions::http::{SessionTenantDto, SessionUserDto, busy_problem, named_tenant},
};

/// Mounts the routes.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(accept_client_invitation)
        .mount(accept_admin_invitation)
        .mount(list_invitations)
        .mount(create_invitation)
        .mount(resend_invitation_mail)
        .mount(withdraw_open_invitation);
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Refused => Self::new(Code::AuthInvalid),
            AcceptError::Password(flaw) => Self::field("/password", "strength", flaw.to_string()),
            AcceptError::Busy(busy) => busy_problem(busy),
            AcceptError::Db(error) => error.into(),
        }
    }
}

impl From<InviteMemberError> for Problem {
    fn from(error: InviteMemberError) -> Self {
        match error {
            InviteMemberError::Forbidden => {
                Self::new(Code::Forbidden).detail("These roles permit more than you hold yourself.")
            }
            InviteMemberError::Refused(InviteError::EmailTaken) => Self::new(Code::Conflict)
                .detail("Somebody with this address is here already, or has been invited."),
            InviteMemberError::Refused(InviteError::EmailInvalid) => {
                Self::field("/email", "format", "an e-mail address")
            }
            InviteMemberError::Refused(InviteError::UnknownRole(role)) => {
                Self::field("/roles", "reference", format!("there is no role {role} to give here"))
            }
            InviteMemberError::Refused(InviteError::Db(error)) | InviteMemberError::Db(error) => {
                error.into()
            }
        }
    }
}

impl From<ResendError> for Problem {
    fn from(error: ResendError) -> Self {
        match error {
            ResendError::NotFound => Self::new(Code::NotFound),
            ResendError::Over(state) => Self::state(state),
            ResendError::Db(error) => error.into(),
        }
    }
}

/// What accepting an invitation needs.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptInvitation, example = json!({"tenant": "greenfork", "token": "q8cYt3l7mJ3yV0Yx0m2d1Zr5o9s4u6w8a1b3c5d7e9f", "password": "a long walk to the kitchen"}))]
pub(crate) struct AcceptBody {
    /// The slug of the kitchen, as in the link of the mail.
    #[validate(custom(function = "fields::slug"))]
    #[schema(
        pattern = "^[a-z0-9-]{1,40}$",
        min_length = 1,
        max_length = 40,
        example = "greenfork"
    )]
    tenant: String,
    /// The token of the mail.
    #[validate(custom(function = "fields::token"))]
    #[schema(value_type = String, pattern = "^[!-~]{1,128}$", min_length = 1, max_length = 128, example = "q8cYt3l7mJ3yV0Yx0m2d1Zr5o9s4u6w8a1b3c5d7e9f")]
    token: Secret,
    /// The new password: at least 12 characters, not a common one, without the e-mail address.
    #[validate(custom(function = "fields::typed_password"))]
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 128, example = "a long walk to the kitchen")]
    password: Secret,
}

/// An accepted invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedInvitation)]
pub(crate) struct AcceptedDto<'a> {
    /// Who can log in now.
    user: SessionUserDto<'a>,
    /// Where.
    tenant: SessionTenantDto<'a>,
}

async fn accept_on(
    surface: Surface,
    ctx: Ctx,
    identity: &Identity,
    origins: &Origins,
    body: AcceptBody,
) -> Result<HttpResponse, Problem> {
    let tenant = named_tenant(identity, &ctx, origins, &body.tenant).await?;
    let command = Accept {
        surface,
        tenant,
        token: body.token.0,
        password: body.password.0,
        now: ctx.now,
        request_id: ctx.request_id,
    };
    let Accepted { user, tenant } = accept(identity, command).await?;
    let body =
        AcceptedDto { user: SessionUserDto::of(&user), tenant: SessionTenantDto::of(&tenant) };
    Ok(HttpResponse::Ok().json(body))
}

/// Accept an invitation as a customer.
///
/// Sets the password, which also proves the address; logging in comes next. A token works once, for
/// seven days; a wrong, used or expired one is `AUTH_INVALID`.
#[utoipa::path(tag = "invitations", responses((status = 200, description = "Accepted", body = AcceptedDto)))]
#[post("/client/auth/invitations/accept")]
pub(crate) async fn accept_client_invitation(
    ctx: Ctx,
    identity: web::Data<Identity>,
    origins: web::Data<Origins>,
    body: Json<AcceptBody>,
) -> Result<HttpResponse, Problem> {
    accept_on(Surface::Client, ctx, &identity, &origins, body.0).await
}

impl Guarded for accept_client_invitation {
    const POLICY: Policy = Policy::before_login(Surface::Client);
}

/// Accept an invitation as staff.
///
/// Sets the password, which also proves the address; logging in comes next. A token works once, for
/// seven days; a wrong, used or expired one is `AUTH_INVALID`.
#[utoipa::path(tag = "invitations", responses((status = 200, description = "Accepted", body = AcceptedDto)))]
#[post("/admin/auth/invitations/accept")]
pub(crate) async fn accept_admin_invitation(
    ctx: Ctx,
    identity: web::Data<Identity>,
    origins: web::Data<Origins>,
    body: Json<AcceptBody>,
) -> Result<HttpResponse, Problem> {
    accept_on(Surface::Admin, ctx, &identity, &origins, body.0).await
}

impl Guarded for accept_admin_invitation {
    const POLICY: Policy = Policy::before_login(Surface::Admin);
}

/// An invitation that was neither accepted nor withdrawn.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationDto {
    /// The invitation.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000004")]
    id: Uuid,
    /// The invited person.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    user_id: Uuid,
    /// Their address, normalised.
    #[schema(example = "kim@greenfork.test")]
    email: String,
    /// What to call them.
    #[schema(example = "Kim Carver")]
    display_name: String,
    /// Keys of the roles they will hold, sorted.
    #[schema(example = json!(["kitchen"]))]
    roles: Vec<String>,
    /// When they were invited.
    #[schema(example = "2026-11-20T01:30:00Z")]
    created_at: DateTime<Utc>,
    /// Until when the token of the last mail works.
    #[schema(example = "2026-11-27T01:30:00Z")]
    expires_at: DateTime<Utc>,
    /// When the last mail was handed over; null while it waits.
    #[schema(example = "2026-11-20T01:30:02Z")]
    sent_at: Option<DateTime<Utc>>,
    /// Whether that time is over, so that it should be sent again.
    #[schema(example = false)]
    expired: bool,
}

impl InvitationDto {
    fn of(open: OpenInvitation, now: DateTime<Utc>) -> Self {
        Self {
            id: open.id.uuid(),
            user_id: open.user_id.uuid(),
            email: open.email,
            display_name: open.display_name,
            roles: open.roles,
            created_at: open.created_at,
            expires_at: open.expires_at,
            sent_at: open.sent_at,
            expired: open.expires_at <= now,
        }
    }
}

/// A page of open invitations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationPage)]
pub(crate) struct InvitationPageDto {
    /// The invitations, in the order in which they were made.
    items: Vec<InvitationDto>,
    /// Where the next page starts, or null at the end.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// Whom to invite.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation, example = json!({"email": "kim@greenfork.test", "display_name": "Kim Carver", "roles": ["kitchen"]}))]
pub(crate) struct NewInvitationBody {
    /// The e-mail address.
    #[validate(custom(function = "fields::email"))]
    #[schema(
        pattern = "^ *[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+ *$",
        min_length = 5,
        max_length = 254,
        example = "kim@greenfork.test"
    )]
    email: String,
    /// What to call them.
    #[validate(custom(function = "fields::display_name"))]
    #[schema(
        pattern = "^[^\\u0000-\\u001f\\u007f]*[^\\u0000-\\u0020\\u007f][^\\u0000-\\u001f\\u007f]*$",
        min_length = 1,
        max_length = 120,
        example = "Kim Carver"
    )]
    display_name: String,
    /// Keys of the roles they will hold.
    #[validate(custom(function = "fields::roles"))]
    #[schema(min_items = 1, max_items = 20)]
    roles: Vec<RoleKey>,
}

/// Open invitations.
///
/// Everybody who was invited and has not accepted yet, in the order of the invitations.
#[utoipa::path(tag = "invitations", params(PageQuery), responses((status = 200, description = "A page of invitations", body = InvitationPageDto)))]
#[get("/admin/invitations")]
pub(crate) async fn list_invitations(
    who: Allowed<MembersRead>,
    identity: web::Data<Identity>,
    query: Query<PageQuery>,
) -> Result<Json<InvitationPageDto>, Problem> {
    let (limit, after) = query.0.page()?;
    let now = who.caller.now();
    let rows = list_open(&identity, who.permit, who.caller.tenant_id(), limit, after).await?;
    let page = Page::from_overfetch(rows, limit, |open| open.id.uuid());
    let page = page.map(|open| InvitationDto::of(open, now));
    Ok(Json(InvitationPageDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_invitations {
    const POLICY: Policy = Policy::admin::<MembersRead>();
}

/// Invite a member.
///
/// Makes the user and mails them a link. Nobody can give roles that permit more than they hold
/// themselves.
#[utoipa::path(tag = "invitations", responses((status = 201, description = "Invited", body = InvitationDto)))]
#[post("/admin/invitations")]
pub(crate) async fn create_invitation(
    who: Allowed<MembersWrite>,
    identity: web::Data<Identity>,
    body: Json<NewInvitationBody>,
) -> Result<HttpResponse, Problem> {
    let Json(body) = body;
    let new = InviteMember {
        email: body.email,
        display_name: body.display_name.trim().to_owned(),
        roles: fields::keys(body.roles),
    };
    let by = By::of(&who.caller);
    let open = invite_member(&identity, who.permit, by, new).await?;
    Ok(HttpResponse::Created().json(InvitationDto::of(open, who.caller.now())))
}

impl Guarded for create_invitation {
    const POLICY: Policy = Policy::admin::<MembersWrite>().writes();
}

/// Send an invitation again.
///
/// Mails a new link, good for seven days; the one before stops working.
#[utoipa::path(
    tag = "invitations",
    params(("id" = Uuid, Path, description = "The invitation", example = "019ab0c2-7d1e-7f00-8000-000000000004")),
    responses((status = 200, description = "Queued", body = InvitationDto)),
)]
#[post("/admin/invitations/{id}/resend")]
pub(crate) async fn resend_invitation_mail(
    who: Allowed<MembersWrite>,
    identity: web::Data<Identity>,
    id: Path<Uuid>,
) -> Result<Json<InvitationDto>, Problem> {
    let by = By::of(&who.caller);
    let open = resend_invitation(&identity, who.permit, by, id.0.into()).await?;
    Ok(Json(InvitationDto::of(open, who.caller.now())))
}

impl Guarded for resend_invitation_mail {
    const POLICY: Policy = Policy::admin::<MembersWrite>().writes();
}

/// Withdraw an invitation.
///
/// Its link stops working. The address can be invited again.
#[utoipa::path(
    tag = "invitations",
    params(("id" = Uuid, Path, description = "The invitation", example = "019ab0c2-7d1e-7f00-8000-000000000004")),
    responses((status = 204, description = "Withdrawn")),
)]
#[delete("/admin/invitations/{id}")]
pub(crate) async fn withdraw_open_invitation(
    who: Allowed<MembersWrite>,
    identity: web::Data<Identity>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    withdraw_invitation(&identity, who.permit, By::of(&who.caller), id.0.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for withdraw_open_invitation {
    const POLICY: Policy = Policy::admin::<MembersWrite>().rate(bk_guard::RateClass::Write);
}
