//! `/admin/permissions` and `/admin/roles`.

use actix_web::{delete, get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Path, Policy,
    Problem, RateClass, Routes, ShortListQuery, Versioned,
};
use bk_kernel::{self as kernel, Code, PermissionDef, RoleId};
use bk_persistence::DbError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    create_role::CreateRoleError,
    delete_role::DeleteRoleError,
    read_roles,
    role::{self, GrantError, NewRole, RoleKey, RoleTitle},
    update_role::{UpdateRole, UpdateRoleError},
};
use crate::{
    Admin,
    permissions::{RolesManage, RolesRead},
    text::plain,
};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_permissions)
        .mount(list_roles)
        .mount(create_role)
        .mount(get_role)
        .mount(update_role)
        .mount(delete_role);
}

/// List the permissions that roles can be composed of
///
/// A role may only be given those its editor holds.
#[utoipa::path(tag = "roles", params(ShortListQuery), responses(Page<Permission>))]
#[get("/admin/permissions")]
pub(crate) async fn list_permissions(
    who: Allowed<RolesRead>,
    query: ShortListQuery,
    admin: web::Data<Admin>,
) -> Page<Permission> {
    let (limit, cursor) = query.page();
    let page = super::list_permissions::list_permissions(&who, admin.catalogue(), limit, cursor);
    page.map(Permission::from).into()
}

impl Guarded for list_permissions {
    const POLICY: Policy = Policy::admin::<RolesRead>();
}

/// List the roles of the caller's tenant
#[utoipa::path(tag = "roles", params(ListQuery), responses(Page<Role>))]
#[get("/admin/roles")]
pub(crate) async fn list_roles(
    who: Allowed<RolesRead>,
    query: ListQuery,
    admin: web::Data<Admin>,
) -> Result<Page<Role>, Problem> {
    let input = (who.clone(), query.page());
    let page = admin.db().read(&who, input, async |tx, (who, (limit, cursor))| {
        read_roles::list_roles(&who, &tx, limit, cursor).await
    });
    let page: kernel::Page<role::Role> = page.await?;
    Ok(page.map(Role::from).into())
}

impl Guarded for list_roles {
    const POLICY: Policy = Policy::admin::<RolesRead>();
}

/// Create a role
///
/// Nobody can give a role a permission they do not hold themselves.
#[utoipa::path(tag = "roles", request_body = RoleForm, responses(Created<Role>))]
#[post("/admin/roles")]
pub(crate) async fn create_role(
    who: Allowed<RolesManage>,
    body: Json<RoleForm>,
    admin: web::Data<Admin>,
) -> Result<Created<Role>, Problem> {
    let input = (who.clone(), Admin::clone(&admin), body.0.into_new_role()?);
    let created = admin.db().transaction(&who, input, async |tx, (who, admin, new)| {
        super::create_role::create_role(&who, &tx, &admin, new).await
    });
    let role = created.await?;
    Ok(Created::below(role.id, ETag(role.version), role.into()))
}

impl Guarded for create_role {
    const POLICY: Policy = Policy::admin::<RolesManage>().writes().step_up();
}

/// Get a role
#[utoipa::path(
    tag = "roles",
    params(("id" = Uuid, Path, description = "The role")),
    responses(Versioned<Role>)
)]
#[get("/admin/roles/{id}")]
pub(crate) async fn get_role(
    who: Allowed<RolesRead>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Role>, Problem> {
    let input = (who.clone(), RoleId::from(id.0));
    let found = admin
        .db()
        .read(&who, input, async |tx, (who, id)| read_roles::get_role(&who, &tx, id).await);
    let found: Result<Option<role::Role>, DbError> = found.await;
    found?.map(versioned).ok_or_else(|| Problem::new(Code::NotFound))
}

impl Guarded for get_role {
    const POLICY: Policy = Policy::admin::<RolesRead>();
}

/// Replace the title and the permissions of a role
///
/// The editor must hold what the role permits now and what it will permit. Built-in roles cannot be
/// changed.
#[utoipa::path(
    tag = "roles",
    params(("id" = Uuid, Path, description = "The role")),
    request_body = RoleForm,
    responses(Versioned<Role>)
)]
#[put("/admin/roles/{id}")]
pub(crate) async fn update_role(
    who: Allowed<RolesManage>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<RoleForm>,
    admin: web::Data<Admin>,
) -> Result<Versioned<Role>, Problem> {
    let update = body.0.into_update(id.0.into(), (version.0).0)?;
    let input = (who.clone(), Admin::clone(&admin), update);
    let updated = admin.db().transaction(&who, input, async |tx, (who, admin, update)| {
        super::update_role::update_role(&who, &tx, &admin, update).await
    });
    Ok(versioned(updated.await?))
}

impl Guarded for update_role {
    const POLICY: Policy = Policy::admin::<RolesManage>().updates().step_up();
}

/// Delete a role that no person holds
///
/// Built-in roles cannot be deleted.
#[utoipa::path(
    tag = "roles",
    params(("id" = Uuid, Path, description = "The role")),
    responses(NoContent)
)]
#[delete("/admin/roles/{id}")]
pub(crate) async fn delete_role(
    who: Allowed<RolesManage>,
    id: Path<Uuid>,
    admin: web::Data<Admin>,
) -> Result<NoContent, Problem> {
    let input = (who.clone(), Admin::clone(&admin), id.0.into());
    let deleted = admin.db().transaction(&who, input, async |tx, (who, admin, id)| {
        super::delete_role::delete_role(&who, &tx, &admin, id).await
    });
    deleted.await?;
    Ok(NoContent)
}

impl Guarded for delete_role {
    const POLICY: Policy = Policy::admin::<RolesManage>().rate(RateClass::Write).step_up();
}

/// A permission of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Permission {
    #[schema(example = "menu.write")]
    key: &'static str,
    /// What holding it lets a person do.
    #[schema(example = "Change ingredients, dishes, components and menus")]
    title: &'static str,
}

/// A role of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Role {
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// Names the role in assignments.
    #[schema(example = "night_packer")]
    key: String,
    #[schema(example = "Night packer")]
    title: String,
    /// Keys of permissions, sorted.
    #[schema(example = json!(["menu.read", "production.read"]))]
    permissions: Vec<String>,
    /// Whether it is one that every tenant has; those cannot be changed.
    #[schema(example = false)]
    builtin: bool,
}

/// A role to create, or what to make of one.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleForm {
    /// Required when the role is created. It never changes: afterwards it may be left out or repeated.
    #[serde(default)]
    #[validate(length(min = 2, max = 40, message = "2 to 40 characters"))]
    #[schema(
        min_length = 2,
        max_length = 40,
        pattern = "^[a-z][a-z0-9_]{1,39}$",
        example = "night_packer"
    )]
    key: Option<String>,
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
    permissions: Vec<PermissionKey>,
}

/// The key of a permission.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(max_length = 64, pattern = r"^[a-z_]+(\.[a-z_]+)+$", example = "menu.read")]
pub(crate) struct PermissionKey(String);

impl RoleForm {
    fn into_new_role(self) -> Result<NewRole, Problem> {
        let key =
            self.key()?.ok_or_else(|| Problem::field("/key", "required", "missing field `key`"))?;
        Ok(NewRole { key, title: self.title()?, permissions: self.permissions() })
    }

    fn into_update(self, id: RoleId, version: i64) -> Result<UpdateRole, Problem> {
        let (key, title) = (self.key()?, self.title()?);
        Ok(UpdateRole { id, version, key, title, permissions: self.permissions() })
    }

    fn key(&self) -> Result<Option<RoleKey>, Problem> {
        let key = self.key.as_deref().map(|key| {
            RoleKey::parse(key).ok_or_else(|| {
                Problem::field("/key", "format", "lower-case letters, digits and _, a letter first")
            })
        });
        key.transpose()
    }

    fn title(&self) -> Result<RoleTitle, Problem> {
        RoleTitle::parse(&self.title)
            .ok_or_else(|| Problem::field("/title", "format", "1 to 80 characters"))
    }

    fn permissions(self) -> Vec<String> {
        self.permissions.into_iter().map(|key| key.0).collect()
    }
}

fn versioned(role: role::Role) -> Versioned<Role> {
    Versioned { etag: ETag(role.version), body: role.into() }
}

impl From<PermissionDef> for Permission {
    fn from(permission: PermissionDef) -> Self {
        Self { key: permission.key, title: permission.title }
    }
}

impl From<role::Role> for Role {
    fn from(role: role::Role) -> Self {
        Self {
            id: role.id.uuid(),
            key: role.key,
            title: role.title,
            permissions: role.permissions,
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

impl From<UpdateRoleError> for Problem {
    fn from(error: UpdateRoleError) -> Self {
        match error {
            UpdateRoleError::NotFound => Self::new(Code::NotFound),
            UpdateRoleError::Builtin => Self::state("a built-in role"),
            UpdateRoleError::Stale => Self::new(Code::PreconditionFailed),
            UpdateRoleError::KeyChanged => Self::field(
                "/key",
                "immutable",
                "it never changes; leave it out or send the present one",
            ),
            UpdateRoleError::Grant(error) => error.into(),
            UpdateRoleError::Db(error) => error.into(),
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
