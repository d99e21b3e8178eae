//! bk-stripe-sim
