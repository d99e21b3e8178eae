//! The steps of a start that can refuse: the data directory, the addresses, the keys.

pub(crate) mod instance;
pub(crate) mod keys;
pub(crate) mod listen;
pub(crate) mod simulator;
