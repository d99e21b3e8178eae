//! bk-billing
