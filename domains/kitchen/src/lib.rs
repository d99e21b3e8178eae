//! bk-kitchen
