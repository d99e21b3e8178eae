//! bk-admin
