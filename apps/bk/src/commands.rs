//! The commands, one file each.

pub(crate) mod audit;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod seed;
pub(crate) mod tenant;
