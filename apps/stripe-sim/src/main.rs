//! stripe-sim
fn main() {}
