//! bk-tests
