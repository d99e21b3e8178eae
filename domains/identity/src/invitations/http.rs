//! The routes of invitations: accepting, before anyone has logged in; and what staff do with them.

use actix_web::{
    Route, delete, get, post,
    web::{self, Data},
};
use bk_contracts::identity::InviteError;
use bk_guard::{
    Allowed, Created, ETag, Guarded, Json, ListQuery, NoContent, Origins, Page, Path, Policy,
    Problem, RateClass, RequestContext, Routes,
};
use bk_kernel::Code;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    AcceptInvitation, AcceptInvitationError, InvitationStatus, InviteMember, InviteMemberError,
    OpenInvitation, ResendInvitationError, WithdrawInvitationError, accept_invitation,
    invite_member,
};
use crate::{
    Identity,
    http::{
        AdminSurface, ClientSurface, LoginSurface, NOT_HELD, On, SessionTenant, SessionUser,
        SharedHandler, anonymous_context,
        fields::{self, RoleKey, Secret},
        requested_tenant,
    },
    permissions::{MembersRead, MembersWrite},
};

/// Mounts the routes.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(On::<ClientSurface, _>::new(AcceptInvitationHandler))
        .mount(On::<AdminSurface, _>::new(AcceptInvitationHandler))
        .mount(list_invitations)
        .mount(create_invitation)
        .mount(resend_invitation)
        .mount(withdraw_invitation);
}

impl From<AcceptInvitationError> for Problem {
    fn from(error: AcceptInvitationError) -> Self {
        match error {
            AcceptInvitationError::Refused => Self::new(Code::AuthInvalid),
            AcceptInvitationError::Password(violation) => {
                Self::field("/password", "strength", violation.to_string())
            }
            AcceptInvitationError::Busy(busy) => busy.into(),
            AcceptInvitationError::Db(error) => error.into(),
        }
    }
}

impl From<InviteMemberError> for Problem {
    fn from(error: InviteMemberError) -> Self {
        match error {
            InviteMemberError::Forbidden => Self::new(Code::Forbidden).detail(NOT_HELD),
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

impl From<ResendInvitationError> for Problem {
    fn from(error: ResendInvitationError) -> Self {
        match error {
            ResendInvitationError::NotFound => Self::new(Code::NotFound),
            ResendInvitationError::NotOpen(status) => Self::state(status.as_str()),
            ResendInvitationError::Db(error) => error.into(),
        }
    }
}

impl From<WithdrawInvitationError> for Problem {
    fn from(error: WithdrawInvitationError) -> Self {
        match error {
            WithdrawInvitationError::NotFound => Self::new(Code::NotFound),
            WithdrawInvitationError::Accepted => Self::state(InvitationStatus::Accepted.as_str()),
            WithdrawInvitationError::User(error) => error.into(),
            WithdrawInvitationError::Db(error) => error.into(),
        }
    }
}

/// What accepting an invitation needs.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tenant": "greenfork", "token": "q8cYt3l7mJ3yV0Yx0m2d1Zr5o9s4u6w8a1b3c5d7e9f", "password": "a long walk to the kitchen"}))]
pub(crate) struct AcceptInvitationForm {
    /// The slug of the tenant, as in the link of the mail.
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

/// A user who can log in now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedInvitation<'a> {
    /// The user who accepted.
    user: SessionUser<'a>,
    /// The tenant of the user.
    tenant: SessionTenant<'a>,
}

/// Accept an invitation
///
/// Sets the password, which also proves the address; logging in comes next. Customers accept on the
/// client surface, staff on the admin surface. A token works once, for seven days; a wrong, used or
/// expired one is `AUTH_INVALID`.
#[utoipa::path(
    post,
    path = "/auth/invitations/accept",
    operation_id = "accept_{surface}_invitation",
    tag = "invitations",
    request_body = AcceptInvitationForm,
    responses(Json<AcceptedInvitation<'static>>),
    impl_for = AcceptInvitationHandler,
)]
async fn accept(
    ctx: RequestContext,
    identity: Data<Identity>,
    origins: Data<Origins>,
    body: Json<AcceptInvitationForm>,
) -> Result<Json<AcceptedInvitation<'static>>, Problem> {
    let Json(AcceptInvitationForm { tenant, token, password }) = body;
    let tenant = requested_tenant(&identity, &ctx, &origins, &tenant).await?;
    let operation = anonymous_context(&ctx, &tenant);
    let command =
        AcceptInvitation { surface: ctx.surface, tenant, token: token.0, password: password.0 };
    let accepted = accept_invitation(&operation, &identity, command).await?;
    let (user, tenant) = (accepted.user.into(), accepted.tenant.as_ref().into());
    Ok(Json(AcceptedInvitation { user, tenant }))
}

struct AcceptInvitationHandler;

impl<S: LoginSurface> SharedHandler<S> for AcceptInvitationHandler {
    const POLICY: Policy = Policy::before_login(S::SURFACE);

    fn route() -> Route {
        web::to(accept)
    }
}

/// An invitation that was neither accepted nor withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// The id of the invitation.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000004")]
    id: Uuid,
    /// The id of the invited user.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    user_id: Uuid,
    /// The user's e-mail address, normalised.
    #[schema(example = "kim@greenfork.test")]
    email: String,
    /// The name shown to people.
    #[schema(example = "Kim Carver")]
    display_name: String,
    /// Keys of the roles the user will hold, sorted.
    #[schema(example = json!(["kitchen"]))]
    roles: Vec<String>,
    /// When the user was invited.
    #[schema(example = "2026-11-20T01:30:00Z")]
    created_at: DateTime<Utc>,
    /// When the token of the last mail stops working.
    #[schema(example = "2026-11-27T01:30:00Z")]
    expires_at: DateTime<Utc>,
    /// When the last mail was handed over; null while it is queued.
    #[schema(example = "2026-11-20T01:30:02Z")]
    sent_at: Option<DateTime<Utc>>,
    /// Whether the token has stopped working, so that the invitation should be sent again.
    #[schema(example = false)]
    expired: bool,
}

impl Invitation {
    /// The wire form of an invitation, as it stands at `now`.
    fn of(open: OpenInvitation, now: DateTime<Utc>) -> Self {
        let OpenInvitation { invitation, member } = open;
        Self {
            id: invitation.id.uuid(),
            user_id: invitation.user_id.uuid(),
            email: member.user.email,
            display_name: member.user.display_name,
            roles: member.roles,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            sent_at: invitation.sent_at,
            expired: invitation.expires_at <= now,
        }
    }
}

/// A member to invite.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "kim@greenfork.test", "display_name": "Kim Carver", "roles": ["kitchen"]}))]
pub(crate) struct InvitationForm {
    /// The e-mail address.
    #[validate(custom(function = "fields::email"))]
    #[schema(
        pattern = "^ *[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+ *$",
        min_length = 5,
        max_length = 254,
        example = "kim@greenfork.test"
    )]
    email: String,
    /// The name shown to people.
    #[validate(custom(function = "fields::display_name"))]
    #[schema(
        pattern = "^[^\\u0000-\\u001f\\u007f]*[^\\u0000-\\u0020\\u007f][^\\u0000-\\u001f\\u007f]*$",
        min_length = 1,
        max_length = 120,
        example = "Kim Carver"
    )]
    display_name: String,
    /// Keys of the roles that the member will hold.
    #[validate(custom(function = "fields::roles"))]
    #[schema(min_items = 1, max_items = 20)]
    roles: Vec<RoleKey>,
}

/// List open invitations
///
/// Everyone who was invited and has not accepted yet, in the order of the invitations.
#[utoipa::path(tag = "invitations", params(ListQuery), responses(Page<Invitation>))]
#[get("/admin/invitations")]
pub(crate) async fn list_invitations(
    who: Allowed<MembersRead>,
    identity: Data<Identity>,
    query: ListQuery,
) -> Result<Page<Invitation>, Problem> {
    let (limit, cursor) = query.page();
    let page = super::list_invitations(&who, &identity, limit, cursor).await?;
    Ok(page.map(|open| Invitation::of(open, who.at())).into())
}

impl Guarded for list_invitations {
    const POLICY: Policy = Policy::admin::<MembersRead>();
}

/// Create an invitation
///
/// Creates the user and mails them a link. Nobody can give roles that permit more than they hold
/// themselves. `Location` and `ETag` are those of the member.
#[utoipa::path(tag = "invitations", request_body = InvitationForm, responses(Created<Invitation>))]
#[post("/admin/invitations")]
pub(crate) async fn create_invitation(
    who: Allowed<MembersWrite>,
    identity: Data<Identity>,
    body: Json<InvitationForm>,
) -> Result<Created<Invitation>, Problem> {
    let Json(form) = body;
    let command = InviteMember {
        email: form.email,
        display_name: form.display_name.trim().to_owned(),
        roles: fields::keys(form.roles),
    };
    let open = invite_member(&who, &identity, command).await?;
    let member = &open.member.user;
    let (path, etag) = (format!("/admin/members/{}", member.id), ETag(member.version));
    Ok(Created::at(path, etag, Invitation::of(open, who.at())))
}

impl Guarded for create_invitation {
    const POLICY: Policy = Policy::admin::<MembersWrite>().writes();
}

/// Resend an invitation
///
/// Mails a new link, which works for seven days; the one before stops working.
#[utoipa::path(tag = "invitations", responses(Json<Invitation>))]
#[post("/admin/invitations/{id}/resend")]
pub(crate) async fn resend_invitation(
    who: Allowed<MembersWrite>,
    identity: Data<Identity>,
    id: Path<Uuid>,
) -> Result<Json<Invitation>, Problem> {
    let open = super::resend_invitation(&who, &identity, id.0.into()).await?;
    Ok(Json(Invitation::of(open, who.at())))
}

impl Guarded for resend_invitation {
    const POLICY: Policy = Policy::admin::<MembersWrite>().writes();
}

/// Withdraw an invitation
///
/// Its link stops working. The address can be invited again.
#[utoipa::path(tag = "invitations", responses(NoContent))]
#[delete("/admin/invitations/{id}")]
pub(crate) async fn withdraw_invitation(
    who: Allowed<MembersWrite>,
    identity: Data<Identity>,
    id: Path<Uuid>,
) -> Result<NoContent, Problem> {
    super::withdraw_invitation(&who, &identity, id.0.into()).await?;
    Ok(NoContent)
}

impl Guarded for withdraw_invitation {
    const POLICY: Policy = Policy::admin::<MembersWrite>().rate(RateClass::Write);
}
