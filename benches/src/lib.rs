//! bk-benches
