//! The menu as a customer sees it: each dish with how it suits the account.
//!
//! It joins the published menu, the catalogue and the account's rules, and owns no table. What it
//! says of a dish is what confirming will decide by.

mod get_client_menu;
mod http;

pub use get_client_menu::{ClientDish, ClientMenu, ClientMenuError, WhichWeek, get_client_menu};
pub(crate) use http::routes;
