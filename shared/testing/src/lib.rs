//! bk-testing
