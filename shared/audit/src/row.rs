//! An entry as it is stored.

use bk_kernel::{RequestId, TenantId, UserId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::{entity::Model, hash::Hash};

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
    /// The id of the subject.
    pub subject_id: String,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
    /// A JSON object.
    pub details: Json,
    /// The hash of the entry before.
    pub prev_hash: Hash,
    /// The hash of this one.
    pub hash: Hash,
}

impl Recorded {
    /// The hash this entry should carry in the chain of `tenant`.
    #[must_use]
    pub fn expected_hash(&self, tenant: TenantId) -> Hash {
        crate::hash::of(tenant, self)
    }

    pub(crate) fn from_row(row: Model) -> Result<Self, DbError> {
        Ok(Self {
            seq: row.seq,
            at: row.at,
            actor_id: row.actor_id.map(UserId::from),
            actor_kind: row.actor_kind,
            action: row.action,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            request_id: row.request_id.map(RequestId::from),
            details: row.details,
            prev_hash: stored_hash(&row.prev_hash)?,
            hash: stored_hash(&row.hash)?,
        })
    }
}

/// Reads a stored hash; a column of another length makes the row corrupt.
pub(crate) fn stored_hash(bytes: &[u8]) -> Result<Hash, DbError> {
    Hash::from_bytes(bytes).ok_or_else(|| corrupt_row("audit hash"))
}
