//! What the gates and the journeys share. The tests themselves are in `gates/` and `journeys/`.

pub mod tree;
