//! The eight steps of the week, one file each. A step takes what earlier ones left, talks to the
//! server, and leaves what later ones need.

pub(super) mod customer;
pub(super) mod fences;
pub(super) mod menu;
pub(super) mod order;
pub(super) mod production;
pub(super) mod purchase;
pub(super) mod recipes;
pub(super) mod staff;
pub(super) mod tenant;
