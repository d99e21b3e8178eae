//! Why packs change.

use bk_kernel::{OrderId, RequestId, UserId};
use chrono::{DateTime, Utc};

/// What every event of one change has in common.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// The order that takes or returns meals.
    pub order_id: Option<OrderId>,
    /// Who.
    pub actor_id: Option<UserId>,
    /// Why, for adjustments.
    pub reason: Option<String>,
    /// The request.
    pub request_id: Option<RequestId>,
    /// When.
    pub at: DateTime<Utc>,
}
