//! bk-identity
