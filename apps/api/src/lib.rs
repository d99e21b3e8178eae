//! bk-api
