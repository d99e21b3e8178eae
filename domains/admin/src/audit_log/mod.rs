//! Reading the audit log. Writing it is everybody's, through `bk_audit`; verifying it is the command
//! line's.

pub(crate) mod http;
mod read_audit;
