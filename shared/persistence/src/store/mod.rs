//! What stores are written with: one import path for the pieces of SeaORM they need, and the helpers
//! that keep the tenant, the version and the page in every statement.
//!
//! ```
//! use bk_persistence::store::*;
//! ```
//!
//! When a store uses entities and when SQL is decided in `docs/adr/0007-sql-and-entities.md`.

mod entity;
mod page;
mod sql;
mod words;

pub use sea_orm::{
    self,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, ModelTrait,
    Order, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    RelationTrait, Select, Value,
    sea_query::{self, Expr, ExprTrait, Func, LikeExpr, OnConflict, Query},
};

pub use self::{
    entity::{
        IdEntity, TenantEntity, VersionedEntity, delete_in_tenant, find_in_tenant, in_tenant,
        lock_in_tenant, touch, touch_version, update_in_tenant,
    },
    page::page_by_key,
    sql::{Sql, sql, tenant_sql},
    words::{constant, corrupt_row, from_word},
};
pub use crate::{DbError, GlobalTx, TenantTx, tenant_entity};
