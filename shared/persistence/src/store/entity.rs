//! Entities of tenant tables: read and changed inside one tenant only.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PrimaryKeyTrait, QueryFilter, QuerySelect, Select,
    UpdateMany,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{DbError, TenantTx};

/// An entity of a table with `tenant_id`. Implemented by [`tenant_entity!`](crate::tenant_entity).
pub trait TenantEntity: EntityTrait {
    /// The column `tenant_id`.
    const TENANT_ID: Self::Column;
}

/// An entity whose key is the tenant and one UUID.
pub trait IdEntity:
    TenantEntity<PrimaryKey: PrimaryKeyTrait<ValueType: From<(Uuid, Uuid)>>>
{
    /// The second column of the key, usually `id`.
    const ID: Self::Column;
}

/// An entity whose rows count their changes: what `ETag` and `If-Match` speak of.
pub trait VersionedEntity: IdEntity {
    /// The column `version`, a `bigint`.
    const VERSION: Self::Column;
}

/// Declares, beside an entity, how its rows are found inside a tenant:
///
/// ```
/// # mod dish {
/// use bk_persistence::{sea_orm::entity::prelude::*, tenant_entity};
///
/// #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
/// #[sea_orm(table_name = "dishes")]
/// pub struct Model {
///     #[sea_orm(primary_key, auto_increment = false)]
///     pub tenant_id: Uuid,
///     #[sea_orm(primary_key, auto_increment = false)]
///     pub id: Uuid,
///     pub version: i64,
/// }
///
/// tenant_entity!(Entity, id, version);
/// # #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// # pub enum Relation {}
/// # impl ActiveModelBehavior for ActiveModel {}
/// # }
/// ```
///
/// - `tenant_entity!(Entity)`: the key has more columns than the tenant and an id;
/// - `tenant_entity!(Entity, id)`: the key is `(tenant_id, id)`;
/// - `tenant_entity!(Entity, id, version)`: the same, and each change raises `version`;
/// - `tenant_entity!(Entity, id = UserId)`: the second column of the key has another name.
#[macro_export]
macro_rules! tenant_entity {
    ($entity:ty) => {
        impl $crate::store::TenantEntity for $entity {
            const TENANT_ID: Column = Column::TenantId;
        }
    };
    ($entity:ty, id) => {
        $crate::tenant_entity!($entity, id = Id);
    };
    ($entity:ty, id, version) => {
        $crate::tenant_entity!($entity, id = Id, version);
    };
    ($entity:ty, id = $id:ident) => {
        $crate::tenant_entity!($entity);

        impl $crate::store::IdEntity for $entity {
            const ID: Column = Column::$id;
        }
    };
    ($entity:ty, id = $id:ident, version) => {
        $crate::tenant_entity!($entity, id = $id);

        impl $crate::store::VersionedEntity for $entity {
            const VERSION: Column = Column::Version;
        }
    };
}

/// Selects the rows of the transaction's tenant.
pub fn in_tenant<E: TenantEntity>(tx: &TenantTx) -> Select<E> {
    E::find().filter(E::TENANT_ID.eq(tx.tenant_id().uuid()))
}

/// Reads the row with this id, if the transaction's tenant has one.
pub async fn find_in_tenant<E: IdEntity>(
    tx: &TenantTx,
    id: impl Into<Uuid>,
) -> Result<Option<E::Model>, DbError> {
    Ok(by_id::<E>(tx, id.into()).one(tx).await?)
}

/// Like [`find_in_tenant`], and keeps others from changing the row until the transaction ends.
pub async fn lock_in_tenant<E: IdEntity>(
    tx: &TenantTx,
    id: impl Into<Uuid>,
) -> Result<Option<E::Model>, DbError> {
    Ok(by_id::<E>(tx, id.into()).lock_exclusive().one(tx).await?)
}

/// Writes what `change` sets to the row with this id and raises its version, whatever it is. Returns
/// whether there was such a row: for rows that the transaction holds, or whose last writer wins.
pub async fn touch<E: VersionedEntity>(
    tx: &TenantTx,
    id: impl Into<Uuid>,
    change: impl ActiveModelTrait<Entity = E>,
) -> Result<bool, DbError> {
    let changed = touching(tx, id.into(), change).exec(tx).await?;
    Ok(changed.rows_affected == 1)
}

/// Like [`touch`], if the stored version is `version`. Returns whether it was: if not, another
/// transaction has changed the row since it was read, or it is gone.
pub async fn touch_version<E: VersionedEntity>(
    tx: &TenantTx,
    id: impl Into<Uuid>,
    version: i64,
    change: impl ActiveModelTrait<Entity = E>,
) -> Result<bool, DbError> {
    let changed = touching(tx, id.into(), change).filter(E::VERSION.eq(version)).exec(tx).await?;
    Ok(changed.rows_affected == 1)
}

/// Writes what `change` sets to the row with this id, which has no version or keeps it. Returns
/// whether there was such a row.
pub async fn update_in_tenant<E: IdEntity>(
    tx: &TenantTx,
    id: impl Into<Uuid>,
    change: impl ActiveModelTrait<Entity = E>,
) -> Result<bool, DbError> {
    Ok(updating(tx, id.into(), change).exec(tx).await?.rows_affected == 1)
}

/// Deletes the row with this id. Returns whether there was one.
pub async fn delete_in_tenant<E: IdEntity>(
    tx: &TenantTx,
    id: impl Into<Uuid>,
) -> Result<bool, DbError> {
    let deleted = E::delete_many()
        .filter(E::TENANT_ID.eq(tx.tenant_id().uuid()))
        .filter(E::ID.eq(id.into()))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}

fn by_id<E: IdEntity>(tx: &TenantTx, id: Uuid) -> Select<E> {
    in_tenant::<E>(tx).filter(E::ID.eq(id))
}

fn updating<E: IdEntity>(
    tx: &TenantTx,
    id: Uuid,
    change: impl ActiveModelTrait<Entity = E>,
) -> UpdateMany<E> {
    E::update_many().set(change).filter(E::TENANT_ID.eq(tx.tenant_id().uuid())).filter(E::ID.eq(id))
}

fn touching<E: VersionedEntity>(
    tx: &TenantTx,
    id: Uuid,
    change: impl ActiveModelTrait<Entity = E>,
) -> UpdateMany<E> {
    updating(tx, id, change).col_expr(E::VERSION, Expr::col(E::VERSION).add(1))
}
