//! bk
