//! Reading the audit log. Every domain writes to it, through `bk_audit`; the command line verifies it.

pub(crate) mod http;
mod list_audit_entries;
