//! `/admin/permissions` and `/admin/roles`.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, RateClass,
    Routes, Versioned,
};
use bk_kernel::{Code, PermissionDef, RoleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    create_role::{CreateRoleError, create_role},
    delete_role::{DeleteRoleError, delete_role},
    read_roles::{list_roles, read_role},
    replace_role::{ReplaceRole, ReplaceRoleError, replace_role},
    role::{GrantError, NewRole, Role, RoleKey, RoleTitle},
};
use crate::{
    Admin,
    acting::Acting,
    permissions::{RolesManage, RolesRead},
    text::plain,
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_permissions)
        .mount(list_admin_roles)
        .mount(create_admin_role)
        .mount(get_admin_role)
        .mount(replace_admin_role)
        .mount(delete_admin_role);
}

/// The permissions roles can be composed of.
///
/// A role may only be given those its editor holds.
#[utoipa::path(tag = "roles", responses((status = 200, description = "The catalogue, by key", body = PermissionListDto)))]
#[get("/admin/permissions")]
pub(crate) async fn list_permissions(
    _who: Allowed<RolesRead>,
    admin: web::Data<Admin>,
) -> Result<Json<PermissionListDto>, Problem> {
    let items = admin.catalogue().composable().map(PermissionDto::from).collect();
    Ok(Json(PermissionListDto { items, next_cursor: None }))
}

impl Guarded for list_permissions {
    const POLICY: Policy = Policy::admin::<RolesRead>();
}

/// The roles of the caller's kitchen.
#[utoipa::path(tag = "roles", params(PageQuery), responses((status = 200, description = "A page of roles", body = RoleListDto)))]
#[get("/admin/roles")]
pub(crate) async fn list_admin_roles(
    who: Allowed<RolesRead>,
    query: Query<PageQuery>,
    admin: web::Data<Admin>,
) -> Result<Json<RoleListDto>, Problem> {
    let (limit, after) = query.0.page()?;
    let page = list_roles(&admin, who.permit, &Acting::from(&who.caller), limit, after).await?;
    let page = page.map(|role| RoleDto::from(&role));
    Ok(Json(RoleListDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_admin_roles {
    const POLICY: Policy = Policy::admin::<RolesRead>();
}

/// Composes a role.
///
/// Nobody can give a role a permission they do not hold themselves.
#[utoipa::path(
    tag = "roles",
    request_body = NewRoleDto,
    responses((status = 201, description = "The role", body = RoleDto))
)]
#[post("/admin/roles")]
pub(crate) async fn create_admin_role(
    who: Allowed<RolesManage>,
    body: Json<NewRoleDto>,
    admin: web::Data<Admin>,
) -> Result<HttpResponse, Problem> {
    let new = body.0.read()?;
    let role = create_role(&admin, who.permit, Acting::from(&who.caller), new).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, ETag(role.version).header()))
        .json(RoleDto::from(&role)))
}

impl Guarded for create_admin_role {
    const POLICY: Policy = Policy::admin::<RolesManage>().writes().step_up();
}

/// One role.
#[utoipa::path(
    tag = "roles",
    params(("id" = Uuid, Path, description = "The role")),
    responses((status = 200, description = "The role", body = RoleDto))
)]
#[get("/admin/roles/{id}")]
pub(crate) async fn get_admin_role(
    who: Allowed<RolesRead>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<RoleDto>, Problem> {
    let id = RoleId::from(id.0);
    let role = read_role(&admin, who.permit, &Acting::from(&who.caller), id).await?;
    role.as_ref().map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_admin_role {
    const POLICY: Policy = Policy::admin::<RolesRead>();
}

/// Replaces the title and the permissions of a role.
///
/// The editor must hold what the role permits now and what it will permit. Built-in roles cannot be
/// changed.
#[utoipa::path(
    tag = "roles",
    params(("id" = Uuid, Path, description = "The role")),
    request_body = RoleChangeDto,
    responses((status = 200, description = "The role as it is now", body = RoleDto))
)]
#[put("/admin/roles/{id}")]
pub(crate) async fn replace_admin_role(
    who: Allowed<RolesManage>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<RoleChangeDto>,
    admin: web::Data<Admin>,
) -> Result<Versioned<RoleDto>, Problem> {
    let change = body.0.read(id.0.into(), (version.0).0)?;
    let role = replace_role(&admin, who.permit, Acting::from(&who.caller), change).await?;
    Ok(versioned(&role))
}

impl Guarded for replace_admin_role {
    const POLICY: Policy = Policy::admin::<RolesManage>().updates().step_up();
}

/// Deletes a role that nobody holds.
///
/// Built-in roles cannot be deleted.
#[utoipa::path(
    tag = "roles",
    params(("id" = Uuid, Path, description = "The role")),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/admin/roles/{id}")]
pub(crate) async fn delete_admin_role(
    who: Allowed<RolesManage>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<HttpResponse, Problem> {
    delete_role(&admin, who.permit, Acting::from(&who.caller), id.0.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for delete_admin_role {
    const POLICY: Policy = Policy::admin::<RolesManage>().rate(RateClass::Write).step_up();
}

/// A permission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Permission)]
pub(crate) struct PermissionDto {
    #[schema(example = "menu.write")]
    key: &'static str,
    /// What holding it lets a person do.
    #[schema(example = "Change ingredients, dishes, components and menus")]
    title: &'static str,
}

/// All permissions on one page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PermissionList)]
pub(crate) struct PermissionListDto {
    items: Vec<PermissionDto>,
    /// Always null: the catalogue is one page.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleDto {
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// Names it in assignments.
    #[schema(example = "night_packer")]
    key: String,
    #[schema(example = "Night packer")]
    title: String,
    /// Sorted.
    #[schema(example = json!(["menu.read", "production.read"]))]
    permissions: Vec<String>,
    /// Whether it is one every kitchen has; those cannot be changed.
    #[schema(example = false)]
    builtin: bool,
}

/// A page of roles.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoleList)]
pub(crate) struct RoleListDto {
    items: Vec<RoleDto>,
    #[schema(example = "019ab0c27d1e7f008000000000000001")]
    next_cursor: Option<String>,
}

/// A role to compose.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRole)]
pub(crate) struct NewRoleDto {
    /// Never changes.
    #[validate(length(min = 2, max = 40, message = "2 to 40 characters"))]
    #[schema(
        min_length = 2,
        max_length = 40,
        pattern = "^[a-z][a-z0-9_]{1,39}$",
        example = "night_packer"
    )]
    key: String,
    #[validate(
        length(min = 1, max = 80, message = "1 to 80 characters"),
        custom(function = "plain")
    )]
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
        example = "Night packer"
    )]
    title: String,
    #[validate(length(max = 200, message = "at most 200 permissions"))]
    #[schema(max_items = 200, example = json!(["menu.read", "production.read"]))]
    permissions: Vec<PermissionText>,
}

/// The new title and permissions of a role.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleChange)]
pub(crate) struct RoleChangeDto {
    #[validate(
        length(min = 1, max = 80, message = "1 to 80 characters"),
        custom(function = "plain")
    )]
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
        example = "Night packer"
    )]
    title: String,
    #[validate(length(max = 200, message = "at most 200 permissions"))]
    #[schema(max_items = 200, example = json!(["menu.read"]))]
    permissions: Vec<PermissionText>,
}

/// The key of a permission.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = PermissionKey, max_length = 64, pattern = r"^[a-z_]+(\.[a-z_]+)+$", example = "menu.read")]
pub(crate) struct PermissionText(String);

impl NewRoleDto {
    fn read(self) -> Result<NewRole, Problem> {
        let key = RoleKey::parse(&self.key).ok_or_else(|| {
            Problem::field("/key", "format", "lower-case letters, digits and _, a letter first")
        })?;
        Ok(NewRole { key, title: title(&self.title)?, permissions: keys(self.permissions) })
    }
}

impl RoleChangeDto {
    fn read(self, id: RoleId, version: i64) -> Result<ReplaceRole, Problem> {
        let title = title(&self.title)?;
        Ok(ReplaceRole { id, version, title, permissions: keys(self.permissions) })
    }
}

fn title(text: &str) -> Result<RoleTitle, Problem> {
    RoleTitle::parse(text).ok_or_else(|| Problem::field("/title", "format", "1 to 80 characters"))
}

fn keys(texts: Vec<PermissionText>) -> Vec<String> {
    texts.into_iter().map(|text| text.0).collect()
}

fn versioned(role: &Role) -> Versioned<RoleDto> {
    Versioned { etag: ETag(role.version), body: RoleDto::from(role) }
}

impl From<&PermissionDef> for PermissionDto {
    fn from(def: &PermissionDef) -> Self {
        Self { key: def.key, title: def.title }
    }
}

impl From<&Role> for RoleDto {
    fn from(role: &Role) -> Self {
        Self {
            id: role.id.uuid(),
            key: role.key.clone(),
            title: role.title.clone(),
            permissions: role.permissions.clone(),
            builtin: role.builtin,
        }
    }
}

impl From<GrantError> for Problem {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Unknown { index } => {
                Self::field(format!("/permissions/{index}"), "reference", "no such permission")
            }
            GrantError::NotHeld => Self::new(Code::Forbidden)
                .detail("A role can only be given, or lose, permissions that you hold yourself."),
        }
    }
}

impl From<CreateRoleError> for Problem {
    fn from(error: CreateRoleError) -> Self {
        match error {
            CreateRoleError::KeyTaken => {
                Self::new(Code::Conflict).detail("There is a role with this key; choose another.")
            }
            CreateRoleError::Grant(error) => error.into(),
            CreateRoleError::Db(error) => error.into(),
        }
    }
}

impl From<ReplaceRoleError> for Problem {
    fn from(error: ReplaceRoleError) -> Self {
        match error {
            ReplaceRoleError::NotFound => Self::new(Code::NotFound),
            ReplaceRoleError::Builtin => Self::state("a built-in role"),
            ReplaceRoleError::Stale => Self::new(Code::PreconditionFailed),
            ReplaceRoleError::Grant(error) => error.into(),
            ReplaceRoleError::Db(error) => error.into(),
        }
    }
}

impl From<DeleteRoleError> for Problem {
    fn from(error: DeleteRoleError) -> Self {
        match error {
            DeleteRoleError::NotFound => Self::new(Code::NotFound),
            DeleteRoleError::Builtin => Self::state("a built-in role"),
            DeleteRoleError::InUse => Self::new(Code::Conflict)
                .detail("Somebody holds this role; give them another one first."),
            DeleteRoleError::Grant(error) => error.into(),
            DeleteRoleError::Db(error) => error.into(),
        }
    }
}
