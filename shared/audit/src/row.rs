//! An entry as it is stored.

use bk_kernel::{RequestId, TenantId, UserId};
use bk_persistence::DbError;
use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde_json::Value;
use uuid::Uuid;

use crate::hash::Hash;

/// A recorded entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its place in the tenant's chain, from 1.
    pub seq: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The person, unless the system acted.
    pub actor_id: Option<UserId>,
    /// `client`, `staff`, `operator` or `system`.
    pub actor_kind: String,
    /// `role.created`.
    pub action: String,
    /// `role`.
    pub subject_type: String,
    /// Which one.
    pub subject_id: String,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
    /// A JSON object.
    pub details: Value,
    /// The hash of the entry before.
    pub prev_hash: Hash,
    /// The hash of this one.
    pub hash: Hash,
}

/// The columns [`Recorded::from_row`] reads.
pub(crate) const COLUMNS: &str = "seq, at, actor_id, actor_kind, action, subject_type, subject_id, \
                                  request_id, details, prev_hash, hash";

impl Recorded {
    /// The hash this entry should carry in the chain of `tenant`.
    #[must_use]
    pub fn expected_hash(&self, tenant: TenantId) -> Hash {
        crate::hash::of(tenant, self)
    }

    pub(crate) fn from_row(row: &QueryResult) -> Result<Self, DbError> {
        Ok(Self {
            seq: row.try_get("", "seq")?,
            at: row.try_get("", "at")?,
            actor_id: row.try_get::<Option<Uuid>>("", "actor_id")?.map(UserId::from),
            actor_kind: row.try_get("", "actor_kind")?,
            action: row.try_get("", "action")?,
            subject_type: row.try_get("", "subject_type")?,
            subject_id: row.try_get("", "subject_id")?,
            request_id: row.try_get::<Option<Uuid>>("", "request_id")?.map(RequestId::from),
            details: row.try_get("", "details")?,
            prev_hash: hash_of(row, "prev_hash")?,
            hash: hash_of(row, "hash")?,
        })
    }
}

pub(crate) fn hash_of(row: &QueryResult, column: &str) -> Result<Hash, DbError> {
    let bytes: Vec<u8> = row.try_get("", column)?;
    Hash::from_row(&bytes).ok_or_else(|| DbError::other("an audit hash is not 32 bytes"))
}
