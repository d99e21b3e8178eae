//! An order week: its times, computed once and then stored, and whether it was locked.

use bk_kernel::OrderWeekId;
use chrono::{DateTime, Utc};

use super::week_times::WeekTimes;

/// A week in which customers order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderWeek {
    /// The id of the week.
    pub id: OrderWeekId,
    /// The name of the week, and its instants.
    pub times: WeekTimes,
    /// The IANA zone its wall times were read in.
    pub time_zone: String,
    /// When the lock ran, if it has.
    pub locked_at: Option<DateTime<Utc>>,
}
