//! Who changes orders, when, and by which request.

use bk_kernel::{RequestId, UserId};
use chrono::{DateTime, Utc};

/// What happened to an order, by whom.
#[derive(Debug, Clone, Copy)]
pub struct OrderCause {
    /// Who; none for the system.
    pub actor_id: Option<UserId>,
    /// The request.
    pub request_id: Option<RequestId>,
    /// When.
    pub at: DateTime<Utc>,
}
