//! The eight steps of the week, one file each. A step takes the values of earlier steps, calls the server and returns
//! a value for later steps.

pub(super) mod access;
pub(super) mod customer;
pub(super) mod menu;
pub(super) mod order;
pub(super) mod production;
pub(super) mod purchase;
pub(super) mod recipes;
pub(super) mod staff;
pub(super) mod tenant;
